import AMQP
import Glibc

extension AMQPConnection {
    /// A connection to the first node that takes one.
    static func open(_ addresses: [AMQPAddress], name: String) throws(AMQPError) -> AMQPConnection {
        var failure = AMQPError(.connectionLost, "there is no node to connect to")
        for address in addresses {
            do throws(AMQPError) {
                return try AMQPConnection(to: address, name: name)
            } catch { failure = error }
        }
        throw failure
    }

    /// Waits for what the broker sends next; `nil` where nothing comes before `deadline`.
    mutating func next(before deadline: ContinuousClock.Instant) throws(AMQPError) -> AMQPIncoming? {
        while true {
            if let incoming = try next() { return incoming }
            let rest = (deadline - .now) / .milliseconds(1)
            if rest <= 0 { return nil }
            var descriptor = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
            _ = poll(&descriptor, 1, Int32(min(rest + 1, 2_000)))
        }
    }

    /// Waits for the next message on a channel.
    /// - Throws: ``AMQPError``, also when what is consumed was deleted.
    mutating func nextDelivery(
        on channel: UInt16, before deadline: ContinuousClock.Instant
    ) throws(AMQPError) -> AMQPDelivery? {
        while let incoming = try next(before: deadline) {
            switch incoming {
            case .delivery(let delivery) where delivery.channel == channel: return delivery
            case .consumerCancelled: throw AMQPError(.connectionLost, "the stream is gone")
            default: continue
            }
        }
        return nil
    }
}
