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

    /// The folder of the built executables.
    static let binaries = value("BINARIES")
    /// The script that starts and stops private servers.
    static let serversScript = value("SERVERS")
    /// The folder in which servers keep their data; tests add theirs below it.
    static let folder = value("FOLDER")
    /// The servers shared by the tests.
    static let shared = Servers(
        amqpPort: value("AMQP_PORT"), adminPort: value("ADMIN_PORT"), postgresPort: value("POSTGRES_PORT"),
        redisPort: value("REDIS_PORT"))
}

/// Where a set of private servers listens, on loopback.
public struct Servers: Sendable {
    let amqpPort: String
    let adminPort: String
    let postgresPort: String
    let redisPort: String

    /// The broker, at a vhost.
    func amqpURL(vhost: String) -> String { "amqp://guest:guest@127.0.0.1:\(amqpPort)/\(vhost)" }
    /// A database by name.
    func databaseURL(_ name: String) -> String { "postgres://postgres@127.0.0.1:\(postgresPort)/\(name)" }
    /// A Redis database by number.
    func redisURL(_ number: Int) -> String { "redis://127.0.0.1:\(redisPort)/\(number)" }
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
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    process.standardInput = FileHandle.nullDevice
    try process.run()
    async let out = read(output)
    async let err = read(errors)
    let texts = await (out, err)
    process.waitUntilExit()
    return (process.terminationStatus, texts.0, texts.1)
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
    _ what: String, within seconds: Double = 15, _ condition: () async throws -> Bool
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
