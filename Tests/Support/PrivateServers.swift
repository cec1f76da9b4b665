import Foundation

/// RabbitMQ, PostgreSQL and Redis of one test's own, which it may stop and kill.
public struct PrivateServers: Sendable {
    /// Where they listen.
    public let servers: Servers
    private let folder: String

    /// Starts them and waits until each answers.
    public init(_ name: String) async throws {
        folder = TestEnvironment.folder + "/" + name
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try await Self.script(["start", folder])
        let lines = try String(contentsOfFile: folder + "/env", encoding: .utf8).split(separator: "\n")
        var values: [String: String] = [:]
        for line in lines {
            let parts = line.split(separator: "=", maxSplits: 1)
            if parts.count == 2 { values[String(parts[0])] = String(parts[1]) }
        }
        servers = Servers(
            amqpPort: values["AMQP_PORT"] ?? "", adminPort: values["ADMIN_PORT"] ?? "",
            postgresPort: values["POSTGRES_PORT"] ?? "", redisPort: values["REDIS_PORT"] ?? "")
    }

    /// Does something to one server: `stop`, `kill`, `start`, `pause` or `resume`.
    public func act(_ action: String, _ server: String) async throws {
        try await Self.script([action, folder, server])
    }

    /// Ends them all and removes their data.
    public func stop() async { try? await Self.script(["stop", folder, "--remove"]) }

    private static func script(_ arguments: [String]) async throws {
        let done = try await run(TestEnvironment.serversScript, arguments)
        guard done.status == 0 else { throw TestFailure("\(arguments): \(done.output)\(done.errors)") }
    }
}
