import Foundation

/// RabbitMQ, PostgreSQL and Redis of one test's own, which it may stop and kill.
public struct PrivateServers: Sendable {
    /// Where they listen.
    public let servers: Servers
    /// Where they keep their data; processes that work in `services` below it are ended with them.
    public let folder: String
    private let warden: Warden

    /// Starts them and waits until each answers.
    /// - Parameters:
    ///   - name: of their folder.
    ///   - authority: signs the certificate for `localhost` with which RabbitMQ and PostgreSQL listen for TLS, too.
    public init(_ name: String, authority: Authority? = nil) async throws {
        folder = TestEnvironment.folder + "/" + name
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        warden = try Warden(folder)
        if let authority { try await authority.certify("server", in: folder + "/tls") }
        try await Self.script(["start", folder])
        let lines = try String(contentsOfFile: folder + "/env", encoding: .utf8).split(separator: "\n")
        var values: [String: String] = [:]
        for line in lines {
            let parts = line.split(separator: "=", maxSplits: 1)
            if parts.count == 2 { values[String(parts[0])] = String(parts[1]) }
        }
        servers = Servers(
            amqpPort: values["AMQP_PORT"] ?? "", adminPort: values["ADMIN_PORT"] ?? "",
            postgresPort: values["POSTGRES_PORT"] ?? "", redisPort: values["REDIS_PORT"] ?? "",
            amqpsPort: values["AMQPS_PORT"] ?? "", adminTLSPort: values["ADMIN_TLS_PORT"] ?? "")
    }

    /// Does something to one server: `stop`, `kill`, `start`, `pause` or `resume`.
    public func act(_ action: String, _ server: String) async throws {
        try await Self.script([action, folder, server])
    }

    /// Runs RabbitMQ's own tool on the broker.
    public func rabbitmqctl(_ arguments: [String]) async throws {
        try await Self.script(["rabbitmqctl", folder] + arguments)
    }

    /// Starts those that don't run, and lets those go on that are paused.
    public func start() async throws { try await Self.script(["start", folder]) }

    /// Ends them all and removes their data.
    public func stop() async {
        try? await Self.script(["stop", folder, "--remove"])
        warden.dismiss()
    }

    private static func script(_ arguments: [String]) async throws {
        let done = try await run(TestEnvironment.serversScript, arguments)
        guard done.status == 0 else { throw TestFailure("\(arguments): \(done.output)\(done.errors)") }
    }

    /// A process that ends the servers, and what uses them, when this process is killed.
    private struct Warden: Sendable {
        private let line: Pipe

        init(_ folder: String) throws {
            line = try spawn {
                let process = Process()
                // In a session of its own: what ends this process by Ctrl-C must not end it.
                process.executableURL = URL(filePath: "/usr/bin/setsid")
                process.arguments = [TestEnvironment.serversScript, "guard", folder]
                let line = Pipe()
                process.standardInput = line
                try process.run()
                return line
            }
        }

        /// Ends it, since there is nothing left to be guarded.
        func dismiss() {
            try? line.fileHandleForWriting.write(contentsOf: Data("done\n".utf8))
            try? line.fileHandleForWriting.close()
        }
    }
}
