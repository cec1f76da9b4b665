import AMQP
import Client
import Contract
import Foundation
import Postgres
import Synchronization

/// The services at work in a vhost, a database and a Redis database of one test's own.
public final class TestSystem: Sendable {
    /// All services.
    public static let services = ["booking-intake", "pricing", "candy-accounting", "stats", "notifier", "dead-letter"]

    /// An upstream system's connection.
    public let client: BookingClient
    /// The vhost's name, and the database's.
    public let name: String
    /// The broker's URL with the vhost.
    public let amqpURL: String
    /// The database's URL.
    public let databaseURL: String
    /// The broker's management API.
    public var adminURL: String { servers.adminURL }
    /// The environment of services and of the programs of people.
    public let environment: [String: String]
    let servers: Servers
    private let users: BrokerUsers?
    private let running = Mutex<[String: [ServiceProcess]]>([:])

    private static let count = Mutex(0)
    /// Few at a time: a dozen systems on two cores would only wait for each other until their time is up.
    private static let gate = Gate(places: 3)

    /// A vhost and databases, and no service yet.
    /// - Parameter hasBrokerUsers: whether all log in as users with the least permissions, and an operator declares the
    ///   topology.
    public init(
        servers: Servers? = nil, hasBrokerUsers: Bool = TestEnvironment.hasBrokerUsers,
        environment: [String: String] = [:]
    ) async throws {
        await Self.gate.enter()
        let number = Self.count.withLock { count in
            count += 1
            return count
        }
        let servers = servers ?? TestEnvironment.shared
        self.servers = servers
        name = "test_\(getpid())_\(number)"
        amqpURL = servers.amqpURL(vhost: name)
        databaseURL = servers.databaseURL(name)
        let redisURL = servers.redisURL(number % 999 + 1)
        users = hasBrokerUsers ? try BrokerUsers(vhost: name) : nil
        let peoplesURL = users?.url(amqpURL, of: "operator") ?? amqpURL
        self.environment = [
            "AMQP_URL": peoplesURL, "DATABASE_URL": databaseURL, "REDIS_URL": redisURL, "FAST_RETRY": "1",
            "AMQP_TOPOLOGY": hasBrokerUsers ? "check" : "declare",
        ].merging(environment) { $1 }
        client = BookingClient(addresses: try AMQPAddress.list(peoplesURL), name: "tests")
        try await create()
        try await run("/usr/bin/redis-cli", ["-u", redisURL, "FLUSHDB"])
    }

    /// Runs `body` with a system of its own whose services are ready, and ends it whatever comes.
    public static func with(
        _ services: [String] = services, hasBrokerUsers: Bool = TestEnvironment.hasBrokerUsers,
        environment: [String: String] = [:], _ body: (TestSystem) async throws -> Void
    ) async throws {
        let system = try await TestSystem(hasBrokerUsers: hasBrokerUsers, environment: environment)
        do {
            for service in services { try system.start(service) }
            try await system.ready()
            try await body(system)
        } catch {
            await system.stop()
            throw error
        }
        await system.stop()
    }

    /// The broker's URL with the login of a user, where users have the least permissions.
    public func amqpURL(of user: String) -> String { users?.url(amqpURL, of: user) ?? amqpURL }

    /// Starts one more replica of a service; returns at once.
    @discardableResult
    public func start(_ service: String, environment more: [String: String] = [:]) throws -> ServiceProcess {
        var environment = environment
        // What is no service of ours stands in for the notifier.
        if users != nil {
            environment["AMQP_URL"] = amqpURL(of: Self.services.contains(service) ? service : "notifier")
        }
        let process = try ServiceProcess(
            service, environment: environment.merging(more) { $1 }, in: TestEnvironment.folder + "/services/" + name)
        running.withLock { $0[service, default: []].append(process) }
        return process
    }

    /// The running replicas of a service.
    public func replicas(of service: String) -> [ServiceProcess] { running.withLock { $0[service, default: []] } }

    /// Waits until all replicas are ready.
    public func ready(within seconds: Double = 60) async throws {
        for process in running.withLock({ $0.values.flatMap { $0 } }) where process.isRunning {
            try await eventually("\(process.name) ready: \(process.lastLines)", within: seconds) {
                try await process.get("readyz").status == 200
            }
        }
    }

    /// Kills (SIGKILL) all replicas of a service and starts as many anew.
    public func crash(_ service: String, environment: [String: String] = [:]) throws {
        let victims = replicas(of: service)
        for victim in victims { victim.signal(SIGKILL) }
        running.withLock { $0[service] = [] }
        for _ in victims { try start(service, environment: environment) }
    }

    /// Replaces (SIGTERM) all replicas of a service by as many new ones, started first.
    public func replace(_ service: String) async throws {
        let old = replicas(of: service)
        running.withLock { $0[service] = [] }
        for _ in old { try start(service) }
        for process in old { process.signal(SIGTERM) }
        for process in old { await process.end() }
    }

    /// Ends all services in good order.
    public func endServices() async {
        let processes = running.withLock { $0.values.flatMap { $0 } }
        for process in processes { process.signal(SIGTERM) }
        for process in processes { await process.end() }
    }

    /// Ends all services and removes vhost and database.
    public func stop() async {
        await endServices()
        await client.close()
        _ = try? await broker("DELETE", "vhosts/\(name)")
        for user in users?.all ?? [] { _ = try? await broker("DELETE", "users/\(user)") }
        try? await drop()
        await Self.gate.leave()
    }

    /// Creates the vhost and the database.
    public func create() async throws {
        try await broker("PUT", "vhosts/\(name)")
        let all = #"{"configure": ".*", "write": ".*", "read": ".*"}"#
        try await broker("PUT", "permissions/\(name)/guest", all)
        try await declareTopology()
        try await administer("CREATE DATABASE \(name)")
    }

    /// Declares the topology and the users, as an operator does; what is there stays.
    public func declareTopology() async throws {
        guard let users else { return }
        try await broker("POST", "definitions", users.definitions(isFast: environment["FAST_RETRY"] == "1"))
    }

    /// Removes the database.
    public func drop() async throws { try await administer("DROP DATABASE IF EXISTS \(name) WITH (FORCE)") }

    private func administer(_ sql: String) async throws {
        let database = PostgresConnection(url: servers.databaseURL("postgres"), applicationName: "tests")
        _ = try await database.query(sql)
        await database.close()
    }

    // MARK: Looking at it

    /// The answer to `query.report`.
    public func report(_ query: ReportQuery = ReportQuery()) async throws -> Report {
        try JSON.decode(
            Report.self, from: try await client.ask("query.report", JSON.encode(query), timeout: .seconds(20)))
    }

    /// The dead letters as `dead-letter list --json` prints them.
    public func deadLetters() async throws -> [[String: Any]] {
        let listed = try await run(
            TestEnvironment.binaries + "/dead-letter", ["list", "--json"], environment: environment)
        guard listed.status == 0 else { throw TestFailure(listed.errors) }
        return try listed.output.split(separator: "\n").map { line in
            try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
        }
    }

    /// A value that a statement finds in the database of booking-intake.
    public func stored(_ sql: String) async throws -> Int {
        let database = PostgresConnection(url: databaseURL, applicationName: "tests")
        let value = try await database.query(sql)[0].int(0)
        await database.close()
        return value
    }

    /// Calls the broker's management API.
    /// - Returns: the decoded answer, or `nil` where it has none.
    @discardableResult
    public func broker(_ method: String, _ path: String, _ body: String? = nil) async throws -> Any? {
        var arguments = [
            "-sS", "--fail-with-body", "-u", "guest:guest", "-X", method, "-H", "content-type: application/json",
            "\(adminURL)/api/\(path)",
        ]
        if let body { arguments += ["-d", body] }
        let answer = try await run("/usr/bin/curl", arguments)
        guard answer.status == 0 else { throw TestFailure("\(method) \(path): \(answer.output)\(answer.errors)") }
        return try? JSONSerialization.jsonObject(with: Data(answer.output.utf8))
    }
}

/// Lets so many in at a time, in the order they came.
private actor Gate {
    private var places: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(places: Int) { self.places = places }

    func enter() async {
        if places > 0 { places -= 1 } else { await withCheckedContinuation { waiting.append($0) } }
    }

    func leave() {
        if waiting.isEmpty { places += 1 } else { waiting.removeFirst().resume() }
    }
}
