import AMQP
import Contract
import Runtime
import Support

/// How long a service takes from the start of its process until the broker has handed it its first message.
struct StartUp: Codable, Sendable {
    let service: String
    /// The middle one of the starts.
    let milliseconds: Double

    /// Each service's queue, and how many messages wait in it at least when `requests` have been sent.
    private static let queues = [
        "booking-intake": (QueueName.requests, requests), "pricing": (QueueName.accepted, requests),
        "candy-accounting": (QueueName.candies, 1), "stats": (QueueName.figures, requests),
        "notifier": (QueueName.notifications, requests), "dead-letter": (QueueName.deadLetters, 1),
    ]
    private static let requests = 100

    /// Stops one service after the other while the rest goes on, has messages wait for it, and starts it.
    static func measure(_ stage: Stage, _ session: Session, starts: Int) async throws -> [StartUp] {
        var results: [StartUp] = []
        for service in TestSystem.services where starts > 0 {
            guard let (queue, least) = queues[service] else { continue }
            session.log.line("Starting \(service) while messages wait for it")
            var times: [Double] = []
            for _ in 0..<starts { times.append(try await start(service, queue, least, stage, session)) }
            results.append(StartUp(service: service, milliseconds: times.sorted()[times.count / 2]))
        }
        return results
    }

    private static func start(
        _ service: String, _ queue: String, _ least: Int, _ stage: Stage, _ session: Session
    ) async throws -> Double {
        await stage.end(service)
        let course = session.newCourse(rate: nil, count: requests)
        try await session.publish(course)
        if service == "dead-letter" {
            let nothing = AMQPMessage(body: Array("not JSON".utf8))
            var channel = try RawChannel(stage.system.amqpURL)
            try channel.publish(nothing, to: Exchange.bookings, key: RoutingKey.bookingRequest)
            channel.close()
        }
        try await eventually("messages wait for \(service)", within: 30) {
            try await waiting(in: queue, stage) >= least
        }
        let time = try await onThread {
            var connection = try AMQPConnection(to: AMQPAddress.list(stage.system.amqpURL)[0], name: "caramelo-bench")
            try connection.openChannel(1)
            let start = steadyNow
            try stage.system.start(service)
            // Those ready to be handed out; whoever gets some acknowledges them later.
            let count = try connection.declareQueue(queue, isPassive: true, channel: 1).messages
            while try connection.declareQueue(queue, isPassive: true, channel: 1).messages >= count {
                guard steadyNow - start < 30_000_000_000 else { throw RunFailure("\(service) takes no message") }
                wait(for: connection.socket, until: steadyNow + 1_000_000)
            }
            let time = Double(steadyNow - start) / 1e6
            connection.close()
            return time
        }
        try await stage.system.ready()
        try await session.waitForOutcomes(of: course)
        return time
    }

    private static func waiting(in queue: String, _ stage: Stage) async throws -> Int {
        try await onThread {
            var connection = try AMQPConnection(to: AMQPAddress.list(stage.system.amqpURL)[0], name: "caramelo-bench")
            try connection.openChannel(1)
            let count = try connection.declareQueue(queue, isPassive: true, channel: 1).messages
            connection.close()
            return count
        }
    }
}
