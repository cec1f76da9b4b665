import AMQP
import Contract
import Support
import Synchronization

/// The broker's own limit: messages take the way of a booking through quorum queues, by the same client library, and nothing
/// else is done with them. No database, no JSON, no candies.
final class RawHops: Sendable {
    private struct Hop: Sendable {
        let queue, source, key: String
        /// Where it publishes what it takes; nil for the last of a way.
        let target: (exchange: String, key: String)?
    }

    private static let hops = [
        Hop(
            queue: "raw.requests", source: Exchange.bookings, key: RoutingKey.bookingRequest,
            target: (Exchange.bookings, RoutingKey.bookingAccepted)),
        Hop(
            queue: "raw.accepted", source: Exchange.bookings, key: RoutingKey.bookingAccepted,
            target: (Exchange.bookings, RoutingKey.bookingPriced)),
        Hop(
            queue: "raw.priced", source: Exchange.bookings, key: RoutingKey.bookingPriced,
            target: (Exchange.bookingNotifications, "")),
        Hop(queue: "raw.candies", source: Exchange.bookingNotifications, key: "", target: nil),
        Hop(queue: "raw.figures", source: Exchange.bookingNotifications, key: "", target: nil),
        Hop(queue: "raw.notifications", source: Exchange.bookingNotifications, key: "", target: nil),
    ]

    private let failed = Mutex<(any Error)?>(nil)
    private let isOver = Atomic(false)

    /// Declares the queues in an empty vhost and begins to work, each hop on a thread of its own.
    static func start(at address: AMQPAddress) throws -> RawHops {
        let raw = RawHops()
        var connection = try AMQPConnection(to: address, name: "caramelo-bench raw")
        try connection.openChannel(1)
        try connection.declareExchange(Exchange.bookings, type: "topic", channel: 1)
        try connection.declareExchange(Exchange.bookingNotifications, type: "fanout", channel: 1)
        for hop in hops {
            try connection.declareQueue(hop.queue, arguments: ["x-queue-type": .text("quorum")], channel: 1)
            try connection.bind(queue: hop.queue, to: hop.source, routingKey: hop.key, channel: 1)
        }
        connection.close()
        for hop in hops {
            Task {
                do { try await onThread { try raw.work(hop, at: address) } } catch {
                    raw.failed.withLock { $0 = error }
                }
            }
        }
        return raw
    }

    /// Why a hop works no more; nil while all is well.
    var failure: (any Error)? { failed.withLock { $0 } }

    /// Ends it.
    func stop() { isOver.store(true, ordering: .relaxed) }

    /// Takes what there is, 256 messages at most, publishes it, and acknowledges it when all that is confirmed.
    private func work(_ hop: Hop, at address: AMQPAddress) throws {
        var input = try AMQPConnection(to: address, name: hop.queue)
        var output = try AMQPConnection(to: address, name: hop.queue)
        try input.openChannel(1)
        try output.openChannel(1)
        try output.selectConfirms(channel: 1)
        try input.consume(hop.queue, prefetch: 512, channel: 1)
        var published = 0
        while !isOver.load(ordering: .relaxed) {
            var batch: [AMQPDelivery] = []
            while batch.count < 256, let incoming = try input.next() {
                if case .delivery(let delivery) = incoming { batch.append(delivery) }
            }
            guard let last = batch.last else {
                wait(for: input.socket, until: steadyNow + 500_000_000)
                // For its heartbeats, while the other subject has its turn.
                while try output.next() != nil {}
                continue
            }
            if let target = hop.target {
                output.setCorked(true)
                for delivery in batch {
                    try output.publish(
                        delivery.message, to: target.exchange, routingKey: target.key, isMandatory: false, channel: 1)
                }
                output.setCorked(false)
                try Self.awaitConfirms(published + 1...published + batch.count, on: &output)
                published += batch.count
            }
            try input.acknowledge(last.tag, multiple: true, channel: 1)
        }
        input.close()
        output.close()
    }

    private static func awaitConfirms(_ tags: ClosedRange<Int>, on connection: inout AMQPConnection) throws {
        var missing = Set(tags)
        while !missing.isEmpty {
            guard let incoming = try connection.next() else {
                wait(for: connection.socket, until: steadyNow + 500_000_000)
                continue
            }
            guard case .confirmed(let tag, let multiple) = incoming else { continue }
            if multiple { missing = missing.filter { $0 > Int(tag) } } else { missing.remove(Int(tag)) }
        }
    }
}
