import Foundation
import Support

/// The system that is measured, on the private servers: the services as they are shipped, with their defaults.
final class Stage: Sendable {
    let system: TestSystem
    private let replicas: Int

    /// A vhost and a database, and no service yet.
    init(replicas: Int) async throws {
        // Not the tests' short delays and long logs.
        system = try await TestSystem(
            hasBrokerUsers: false, environment: ["FAST_RETRY": "0", "LOG_LEVEL": "warning"])
        self.replicas = replicas
    }

    /// Starts all services; ``TestSystem/ready(within:)`` says when they are ready.
    func start() throws {
        for service in TestSystem.services {
            for _ in 0..<replicas { try system.start(service) }
        }
    }

    /// Ends a service in good order.
    func end(_ service: String) async {
        let processes = system.replicas(of: service)
        for process in processes { process.signal(SIGTERM) }
        for process in processes { await process.end() }
    }

    /// Every service and server with its processes, and this program.
    var parts: [(name: String, processes: [Int32])] {
        let services = TestSystem.services.map { name in
            (name: name, processes: system.replicas(of: name).filter(\.isRunning).map(\.id))
        }
        let servers = [("RabbitMQ", "rabbitmq"), ("PostgreSQL", "postgres"), ("Redis", "redis")].map { title, name in
            (name: title, processes: Self.process(of: name).map { [$0] } ?? [])
        }
        return services + servers + [(name: "this benchmark", processes: [getpid()])]
    }

    /// The number of a server's process.
    private static func process(of server: String) -> Int32? {
        let record = try? String(contentsOfFile: TestEnvironment.folder + "/run/" + server, encoding: .utf8)
        return record?.split(separator: " ").first.flatMap { Int32($0) }
    }

    /// Does something to one server: `stop`, `start`, `pause` or `resume`.
    func act(_ action: String, _ server: String) async throws {
        let done = try await run(TestEnvironment.serversScript, [action, TestEnvironment.folder, server])
        guard done.status == 0 else { throw TestFailure("\(action) \(server): \(done.output)\(done.errors)") }
    }
}
