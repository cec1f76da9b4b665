import Foundation
import Support

/// Three RabbitMQ nodes of the test's own, which it may kill and cut off.
struct Cluster {
    /// PostgreSQL and Redis are those that all tests share.
    let servers: Servers
    private let folder: String
    private static let script = URL(filePath: TestEnvironment.serversScript)
        .deletingLastPathComponent().appending(path: "cluster").path

    /// Whether this machine lets us make networks.
    static var isPossible: Bool { geteuid() == 0 && FileManager.default.isExecutableFile(atPath: "/usr/sbin/ip") }

    /// Starts all nodes and waits until each answers.
    init() async throws {
        folder = TestEnvironment.folder + "/cluster"
        do {
            try await Self.run(["start", folder])
        } catch {
            try? await Self.run(["stop", folder])
            throw error
        }
        var values: [Substring: [String]] = [:]
        for line in try String(contentsOfFile: folder + "/env", encoding: .utf8).split(separator: "\n") {
            let parts = line.split(separator: "=")
            values[parts[0]] = parts[1].split(separator: ",").map(String.init)
        }
        var servers = TestEnvironment.shared
        servers.nodes = values["AMQP_HOSTS"] ?? []
        servers.admins = values["ADMIN_HOSTS"] ?? []
        self.servers = servers
    }

    /// Does something to a node, as `cluster help` says: `kill`, `start`, `cut` or `mend`.
    func act(_ action: String, _ node: Int, _ more: String...) async throws {
        try await Self.run([action, folder, "\(node)"] + more)
    }

    /// Ends them all and removes their data.
    func stop() async { try? await Self.run(["stop", folder]) }

    private static func run(_ arguments: [String]) async throws {
        let done = try await Support.run(script, arguments)
        guard done.status == 0 else { throw TestFailure("\(arguments): \(done.output)\(done.errors)") }
    }
}
