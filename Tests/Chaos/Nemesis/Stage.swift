import Client
import Foundation
import Support

/// A service and a server that it speaks to.
struct Route: Hashable, Sendable, CustomStringConvertible {
    let service: String
    /// `rabbitmq`, `postgres` or `redis`.
    let server: String

    var description: String { "\(service) – \(server)" }

    /// All that there are.
    static let all =
        TestSystem.services.map { Route(service: $0, server: "rabbitmq") } + [
            Route(service: "booking-intake", server: "postgres"), Route(service: "stats", server: "redis"),
        ]
}

/// The system under test: private servers, replicas of the services, and a proxy between each service and each server.
final class Stage: Sendable {
    let own: PrivateServers
    let system: TestSystem
    let crew: Crew
    private let proxies: [Route: Proxy]

    /// Starts servers and services, and returns when all are ready.
    /// - Parameters:
    ///   - name: of the folder in which everything is.
    ///   - replicas: of each service.
    ///   - binaries: executables instead of the services' own, by service.
    ///   - routes: those with a proxy; on the others service and server speak directly.
    init(
        name: String, replicas: Int, binaries: [String: String] = [:], routes: [Route] = Route.all
    ) async throws {
        let own = try await PrivateServers(name)
        self.own = own
        do {
            try FileManager.default.createDirectory(
                atPath: Self.crashPoints(own), withIntermediateDirectories: true)
            system = try await TestSystem(servers: own.servers, environment: ["LOG_LEVEL": "info"])
            var proxies: [Route: Proxy] = [:]
            for route in routes { proxies[route] = try Proxy(to: own.servers.port(of: route.server)) }
            self.proxies = proxies
            var environments: [String: [String: String]] = [:]
            for service in TestSystem.services {
                environments[service] = Self.environment(of: service, system, proxies, own)
            }
            crew = Crew(in: own.folder + "/services", binaries: binaries, environments: environments)
        } catch {
            await own.stop()
            throw error
        }
        await crew.start(replicas: replicas)
        do { try await crew.ready(within: .seconds(90)) } catch {
            await stop()
            throw error
        }
    }

    /// A service's environment: the addresses of its servers are those of its proxies.
    private static func environment(
        of service: String, _ system: TestSystem, _ proxies: [Route: Proxy], _ own: PrivateServers
    ) -> [String: String] {
        var environment = system.environment
        for (route, proxy) in proxies where route.service == service {
            for (name, url) in environment where name.hasSuffix("_URL") {
                environment[name] = url.replacing(":\(own.servers.port(of: route.server))/", with: ":\(proxy.port)/")
            }
        }
        environment["CARAMELO_CRASH_POINTS"] = crashPoints(own)
        return environment
    }

    /// The broker itself, past the proxies.
    var amqpURL: String { system.amqpURL }
    /// The database itself, past the proxies.
    var databaseURL: String { system.databaseURL }
    /// The broker's management API, without `/api`.
    var adminURL: String { "http://guest:guest@127.0.0.1:\(own.servers.adminPort)" }
    /// An environment with the servers' addresses, for command-line tools.
    var environment: [String: String] { system.environment }

    /// The messages of each queue, those that are being handled included, as the broker counted them at most two seconds
    /// ago; nil while it can't say.
    func backlog() async -> [String: Int]? {
        guard
            let queues = try? await system.broker("GET", "queues/\(system.name)?columns=name,messages")
                as? [[String: Any]]
        else { return nil }
        var backlog: [String: Int] = [:]
        for queue in queues {
            if let name = queue["name"] as? String { backlog[name] = queue["messages"] as? Int ?? 0 }
        }
        return backlog
    }

    /// Changes the network of a route.
    func set(_ route: Route, _ network: Proxy.Network) { proxies[route]?.set(network) }

    /// Undoes every fault, and returns when all servers and services run and are ready.
    /// - Throws: ``TestFailure`` with what is not, after two minutes.
    func heal() async throws {
        for proxy in proxies.values { proxy.set(.fine) }
        for file in (try? FileManager.default.contentsOfDirectory(atPath: crashPoints)) ?? [] {
            unlink(crashPoints + "/" + file)
        }
        await crew.resume()
        try await own.start()
        for alarm in [Fault.rabbitmqMemory, .rabbitmqDisk] { try await setAlarm(alarm, false) }
        await crew.resetEnvironments()
        try await crew.ready(within: .seconds(120))
    }

    /// Where a file `GAP:QUEUE:KEY` kills whoever comes to that gap.
    var crashPoints: String { Self.crashPoints(own) }
    private static func crashPoints(_ own: PrivateServers) -> String { own.folder + "/services/crash-points" }

    /// Where the logs are once it is stopped.
    var logs: String { own.folder + "-logs" }

    private func keepLogs() {
        let files = FileManager.default
        try? files.removeItem(atPath: logs)
        try? files.createDirectory(atPath: logs, withIntermediateDirectories: true)
        let paths = files.enumerator(atPath: own.folder)?.compactMap { $0 as? String } ?? []
        for path in paths where path.hasSuffix(".log") {
            try? files.copyItem(atPath: "\(own.folder)/\(path)", toPath: "\(logs)/\(path.replacing("/", with: "-"))")
        }
    }

    /// Ends everything, and removes the folder; the logs stay.
    func stop() async {
        await crew.stop()
        for proxy in proxies.values { proxy.stop() }
        await system.client.close()
        keepLogs()
        await own.stop()
        try? FileManager.default.removeItem(atPath: own.folder)
    }
}

extension Servers {
    /// The port of a server by its name.
    func port(of server: String) -> Int {
        Int(["rabbitmq": amqpPort, "postgres": postgresPort, "redis": redisPort][server] ?? "") ?? 0
    }
}
