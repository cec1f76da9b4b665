import AMQP
import Contract
import Logging
import ServiceLifecycle
import Synchronization

/// Sends replies on a connection of their own: what is wrong with an asker's address costs that reply and nothing else.
public struct Replier: Sendable {
    private let publisher: Publisher
    private let service: ServiceContext
    private let queue: AsyncStream<Reply>
    private let feed: AsyncStream<Reply>.Continuation

    init(service: ServiceContext) {
        self.service = service
        publisher = Publisher("replies", service: service)
        // Replies are best effort: askers ask again, so a flood of them is cut instead of filling the memory.
        (queue, feed) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(10_000))
    }

    var link: Link<PublishRole> { publisher.link }

    /// Queues replies; never waits.
    public func send(_ replies: [Reply]) {
        for reply in replies {
            if service.topology.owns(queue: reply.address) {
                drop(reply, "it names a queue of ours")
            } else if reply.address.utf8.count > 255 {
                drop(reply, "it is longer than 255 bytes")
            } else if case .dropped = feed.yield(reply) {
                service.telemetry.replyDropped("overflow")
            }
        }
    }

    /// Sends what is queued until ``finish()``.
    func run() async {
        for await reply in queue { await send(reply) }
    }

    /// Ends ``run()`` after what is queued.
    func finish() { feed.finish() }

    /// One at a time, because an address of direct reply-to that is malformed closes the connection (541), and whatever
    /// else was under way on it would be lost, too.
    private func send(_ reply: Reply) async {
        var message = AMQPMessage(body: reply.body)
        message.contentType = "application/json"
        message.type = reply.type
        message.correlationID = reply.correlationID
        message.timestamp = UInt64(max(0, Timestamp.now.milliseconds / 1000))
        message.messageID = MessageID.random()
        message.headers["traceparent"] = reply.traceparent
        // The broker returns as unroutable whatever is mandatory for direct reply-to, also what it delivers.
        let isDirect = reply.address.hasPrefix("amq.rabbitmq.reply-to.")
        let outgoing = OutgoingMessage(
            to: "", routingKey: reply.address, isMandatory: !isDirect, message: message)
        for _ in 1...2 {
            guard let failure = try? await publisher.attempt([outgoing]).first else { return }
            if failure.why != .lost { return drop(reply, "\(failure.why)") }
        }
        drop(reply, "the broker closed the connection over it")
    }

    private func drop(_ reply: Reply, _ why: String) {
        service.telemetry.replyDropped("address")
        service.logger.info("reply dropped", metadata: ["reply_to": "\(reply.address)", "error": "\(why)"])
    }
}
