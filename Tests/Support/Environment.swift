import Foundation

/// What `./dev test` tells the tests: where the private servers and the executables are.
public enum TestEnvironment {
    private static func value(_ name: String) -> String {
        ProcessInfo.processInfo.environment["CARAMELO_TEST_" + name] ?? ""
    }

    /// Whether the private servers run; tests that need them are skipped otherwise.
    public static let hasServers = !value("AMQP_URL").isEmpty
    /// Why tests that need servers are skipped.
    public static let hint = "needs the private servers that ./dev test starts"
    /// Whether the slow tests run too (`./dev test --all`).
    public static let isThorough = value("ALL") == "1"

    /// Whether services, and the programs of people, log in as users of their own with the least permissions.
    public static let hasBrokerUsers = value("BROKER_USERS") == "1"

    /// The folder of the built executables.
    public static let binaries = value("BINARIES")
    /// The script that starts and stops private servers.
    public static let serversScript = value("SERVERS")
    /// The folder in which servers keep their data; tests add theirs below it.
    public static let folder = value("FOLDER")
    /// The servers shared by the tests.
    public static let shared = Servers(
        amqpPort: value("AMQP_PORT"), adminPort: value("ADMIN_PORT"), postgresPort: value("POSTGRES_PORT"),
        redisPort: value("REDIS_PORT"))
}

extension TestEnvironment {
    /// Has the broker that the tests share evaluate an Erlang expression, for what no client can do to it.
    public static func evaluate(_ expression: String) async throws {
        let done = try await run(serversScript, ["rabbitmqctl", folder, "eval", expression])
        guard done.status == 0, !done.output.contains("{error") else {
            throw TestFailure("\(expression): \(done.output)\(done.errors)")
        }
    }
}

/// Where a set of private servers listens, on loopback.
public struct Servers: Sendable {
    /// RabbitMQ's port.
    public let amqpPort: String
    /// The port of RabbitMQ's management API.
    public let adminPort: String
    /// PostgreSQL's port.
    public let postgresPort: String
    /// Redis' port.
    public let redisPort: String
    /// RabbitMQ's port for TLS, where it has one.
    public var amqpsPort = ""
    /// The management API's port for TLS, where it has one.
    public var adminTLSPort = ""
    /// Where the nodes of a cluster are instead of RabbitMQ on loopback, as `host:port`.
    public var nodes: [String] = []
    /// Where their management API is, as `host:port`.
    public var admins: [String] = []

    /// The broker, at a vhost.
    public func amqpURL(vhost: String) -> String {
        let hosts = nodes.isEmpty ? ["127.0.0.1:\(amqpPort)"] : nodes
        return hosts.map { "amqp://guest:guest@\($0)/\(vhost)" }.joined(separator: ",")
    }
    /// The broker's management API.
    public var adminURL: String { "http://\(admins.first ?? "127.0.0.1:\(adminPort)")" }
    /// A database by name.
    public func databaseURL(_ name: String) -> String { "postgres://postgres@127.0.0.1:\(postgresPort)/\(name)" }
    /// A Redis database by number.
    public func redisURL(_ number: Int) -> String { "redis://127.0.0.1:\(redisPort)/\(number)" }
}

/// A failure of the test's own machinery, not of what it tests.
public struct TestFailure: Error, CustomStringConvertible {
    /// What failed.
    public let description: String
    /// - Parameter description: what failed.
    public init(_ description: String) { self.description = description }
}

/// Runs a program to its end.
/// - Returns: its exit status and what it wrote to standard output and standard error.
@discardableResult
public func run(
    _ program: String, _ arguments: [String], environment: [String: String] = [:]
) async throws -> (status: Int32, output: String, errors: String) {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    let (output, errors) = try spawn { () throws in
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        return (output, errors)
    }
    async let out = read(output)
    async let err = read(errors)
    let texts = await (out, err)
    process.waitUntilExit()
    return (process.terminationStatus, texts.0, texts.1)
}

private let spawning = NSLock()

/// Runs `body`, which starts a process, while no other is being started: a process that is started just while another's
/// pipes are made would inherit them, and their end would not be seen before its own. The threads that run tasks block
/// all signals; the new process shall not.
func spawn<T>(_ body: () throws -> T) rethrows -> T {
    try spawning.withLock {
        var (none, before, broken) = (sigset_t(), sigset_t(), sigset_t())
        sigemptyset(&none)
        // A write to a broken pipe, while signals were blocked, may have left one that would end this process now.
        sigemptyset(&broken)
        sigaddset(&broken, SIGPIPE)
        var now = timespec()
        while sigtimedwait(&broken, nil, &now) == SIGPIPE {}
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        return try body()
    }
}

private func read(_ pipe: Pipe) async -> String {
    await withCheckedContinuation { continuation in
        DispatchQueue.global().async {
            let data = (try? pipe.fileHandleForReading.readToEnd()) ?? Data()
            continuation.resume(returning: String(decoding: data, as: UTF8.self))
        }
    }
}

/// Waits until `condition` holds, looking again every 50 ms.
/// - Throws: ``TestFailure`` naming `what`, after `seconds`; or the last error of the condition.
public func eventually(
    _ what: String, within seconds: Double = 60, _ condition: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + .seconds(seconds)
    var last: (any Error)?
    repeat {
        do {
            if try await condition() { return }
            last = nil
        } catch { last = error }
        try await Task.sleep(for: .milliseconds(50))
    } while ContinuousClock.now < end
    throw TestFailure("not within \(seconds) s: \(what)\(last.map { " (\($0))" } ?? "")")
}
