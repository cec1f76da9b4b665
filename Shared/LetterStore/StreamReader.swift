import AMQP
import ConnectionThread
import Runtime

/// Reads entries of the store by their places, for what is too large to be kept in memory.
actor StreamReader {
    private let thread = ConnectionThread(name: "letter-reader")
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }
    private let addresses: [AMQPAddress]
    private let log: LetterLog
    private var connection: AMQPConnection?
    private var channel: UInt16 = 0

    /// A gap of so many entries is skipped by consuming anew behind it, which takes milliseconds.
    private static let longestGap = 2_000
    private static let prefetch: UInt16 = 500
    /// How long an entry may take that is known to be there.
    private static let patience = Duration.seconds(10)

    init(addresses: [AMQPAddress], log: LetterLog) {
        self.addresses = addresses
        self.log = log
    }

    deinit { thread.stop() }

    /// The messages at some places.
    /// - Throws: `DependencyAway` if the broker can't be reached, one of them does not come, or they are places of a former store.
    func messages(at places: [Int]) throws -> [Int: AMQPMessage] {
        let store = try log.look { $0.store }
        guard places.allSatisfy({ $0 >= store.base }) else {
            throw DependencyAway("the store", AMQPError(.connectionLost, "the letters stand in another stream now"))
        }
        var messages: [Int: AMQPMessage] = [:]
        var rest = Set(places).sorted()[...]
        do throws(AMQPError) {
            var connection = try connected()
            while !rest.isEmpty {
                var end = rest.startIndex + 1
                while end < rest.endIndex, rest[end] - rest[end - 1] <= Self.longestGap { end += 1 }
                try read(store, rest[rest.startIndex..<end], on: &connection, into: &messages)
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
        return try AMQPConnection.open(addresses, name: "dead-letter reader")
    }

    private func read(
        _ store: Store, _ wanted: ArraySlice<Int>, on connection: inout AMQPConnection,
        into messages: inout [Int: AMQPMessage]
    ) throws(AMQPError) {
        // Not the last one, for which deliveries may still be on their way; nor ever new ones, since librabbitmq keeps some
        // hundred kilobytes for each.
        channel = channel == 1 ? 2 : 1
        try connection.openChannel(channel)
        try connection.consume(
            store.queue, prefetch: Self.prefetch, channel: channel,
            arguments: ["x-stream-offset": .int(Int64((wanted.first ?? store.base) - store.base))])
        let places = Set(wanted)
        let last = wanted.last ?? 0
        var (place, unacknowledged) = (-1, 0)
        var deadline = ContinuousClock.now + Self.patience
        while place < last {
            guard let delivery = try connection.nextDelivery(on: channel, before: deadline) else {
                throw AMQPError(.timedOut, "an entry of the store did not come")
            }
            deadline = .now + Self.patience
            place = delivery.message.headers["x-stream-offset"]?.int.map { $0 + store.base } ?? place
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
}
