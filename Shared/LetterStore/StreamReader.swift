import AMQP
import ConnectionThread
import Glibc
import Runtime

/// Reads entries of the stream by their places, for what is too large to be kept in memory.
actor StreamReader {
    private let thread = ConnectionThread(name: "letter-reader")
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }
    private let addresses: [AMQPAddress]
    private var connection: AMQPConnection?
    private var channel: UInt16 = 0

    /// A gap of so many entries is skipped by consuming anew behind it, which takes milliseconds.
    private static let longestGap = 2_000
    private static let prefetch: UInt16 = 500
    /// How long an entry may take that is known to be there.
    private static let patience = Duration.seconds(10)

    init(addresses: [AMQPAddress]) { self.addresses = addresses }

    deinit { thread.stop() }

    /// The messages at some places.
    /// - Throws: `DependencyAway` if the broker can't be reached or one of them does not come.
    func messages(at places: [Int]) throws -> [Int: AMQPMessage] {
        var messages: [Int: AMQPMessage] = [:]
        var rest = Set(places).sorted()[...]
        do throws(AMQPError) {
            var connection = try connected()
            while let first = rest.first {
                var end = rest.startIndex + 1
                while end < rest.endIndex, rest[end] - rest[end - 1] <= Self.longestGap { end += 1 }
                try read(from: first, rest[rest.startIndex..<end], on: &connection, into: &messages)
                rest = rest[end...]
            }
            self.connection = consume connection
            return messages
        } catch {
            throw DependencyAway("the store", error)
        }
    }

    /// The connection of the last time, unless it has died of silence since.
    private func connected() throws(AMQPError) -> AMQPConnection {
        if var known = connection.take() {
            do throws(AMQPError) {
                while try known.next() != nil {}
                return known
            } catch {}
        }
        var failure = AMQPError(.connectionLost, "there is no node to connect to")
        for address in addresses {
            do throws(AMQPError) {
                return try AMQPConnection(to: address, name: "dead-letter reader")
            } catch { failure = error }
        }
        throw failure
    }

    private func read(
        from first: Int, _ wanted: ArraySlice<Int>, on connection: inout AMQPConnection,
        into messages: inout [Int: AMQPMessage]
    ) throws(AMQPError) {
        channel = channel % 1_000 + 1
        try connection.openChannel(channel)
        try connection.consume(
            QueueName.deadLetterStore, prefetch: Self.prefetch, channel: channel,
            arguments: ["x-stream-offset": .int(Int64(first))])
        let places = Set(wanted)
        let last = wanted.last ?? first
        var (place, unacknowledged) = (-1, 0)
        var deadline = ContinuousClock.now + Self.patience
        while place < last {
            guard let delivery = try next(before: deadline, on: &connection) else {
                throw AMQPError(.timedOut, "an entry of the store did not come")
            }
            deadline = .now + Self.patience
            place = delivery.message.headers["x-stream-offset"]?.int ?? place
            if places.contains(place) {
                messages[place] = delivery.message
                messages[place]?.unpackHeaders()
            }
            unacknowledged += 1
            if unacknowledged == Int(Self.prefetch) / 2 {
                try connection.acknowledge(delivery.tag, multiple: true, channel: channel)
                unacknowledged = 0
            }
        }
        try connection.closeChannel(channel)
    }

    private func next(
        before deadline: ContinuousClock.Instant, on connection: inout AMQPConnection
    ) throws(AMQPError) -> AMQPDelivery? {
        while true {
            while let incoming = try connection.next() {
                switch incoming {
                case .delivery(let delivery) where delivery.channel == channel: return delivery
                case .consumerCancelled: throw AMQPError(.connectionLost, "the store of the dead letters is gone")
                default: continue
                }
            }
            let rest = (deadline - .now) / .milliseconds(1)
            if rest <= 0 { return nil }
            var descriptor = pollfd(fd: connection.socket, events: Int16(POLLIN), revents: 0)
            _ = poll(&descriptor, 1, Int32(min(rest + 1, 2_000)))
        }
    }
}
