import AMQP
import Support

/// The broker's own limit: a vhost of its own, and messages that take a booking's way there.
final class RawRun: Sendable {
    let session: Session
    private let system: TestSystem
    private let hops: RawHops

    init(_ log: ProgressLog) async throws {
        system = try await TestSystem(hasBrokerUsers: false)
        do {
            hops = try RawHops.start(at: AMQPAddress.list(system.amqpURL)[0])
            session = try await Session("raw", amqpURL: system.amqpURL, log)
        } catch {
            await system.stop()
            throw error
        }
    }

    func stop() async {
        if let failure = hops.failure { session.log.line("raw failed: \(failure)") }
        hops.stop()
        await session.close()
        await system.stop()
    }
}
