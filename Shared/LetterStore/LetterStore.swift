import AMQP
import Client
import ConnectionThread
import Glibc
import Runtime
import Synchronization

/// Reads the stream in which the service dead-letter keeps what it received; no service needs to run for that.
public actor LetterStore {
    private let thread = ConnectionThread(name: "letters")
    /// A thread of its own, which waits for the network.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }
    private let addresses: [AMQPAddress]

    /// Whether there is a store at all.
    public enum Finding: Sendable {
        /// All letters were read.
        case read
        /// The stream does not exist: the services have never run.
        case missing
    }

    /// How long the first letter may take; where none comes the store is empty. It takes milliseconds.
    private static let firstWait = Duration.seconds(1)
    /// How long the letters that were written together may take to arrive together.
    private static let burstWait = Duration.milliseconds(200)
    /// How long any letter may take that is known to be there.
    private static let longestWait = Duration.seconds(10)
    /// Letters taken ahead.
    private static let prefetch: UInt16 = 500

    /// A store at the first of these nodes that lets us in.
    public init(addresses: [AMQPAddress]) { self.addresses = addresses }

    deinit { thread.stop() }

    /// Reads every letter that was stored before the call, oldest first, each once.
    /// - Parameter take: called for each, on the store's thread.
    /// - Throws: ``ClientError`` if the broker can't be reached, refuses, or stops answering.
    public func read(_ take: @Sendable (Letter) -> Void) throws(ClientError) -> Finding {
        var failure = AMQPError(.connectionLost, "there is no node to connect to")
        for address in addresses {
            do throws(AMQPError) {
                try read(at: address, take)
                return .read
            } catch {
                if error.code == .server(404) { return .missing }
                failure = error
            }
        }
        throw ClientError(failure)
    }

    /// The stored letters that `isWanted` says, oldest first.
    /// - Throws: as ``read(_:)``.
    public func letters(where isWanted: @Sendable (Letter) -> Bool) throws(ClientError) -> [Letter] {
        let letters = Mutex<[Letter]>([])
        _ = try read { letter in if isWanted(letter) { letters.withLock { $0.append(letter) } } }
        return letters.withLock { $0 }
    }

    private func read(at address: AMQPAddress, _ take: (Letter) -> Void) throws(AMQPError) {
        var connection = try AMQPConnection(to: address, name: "dead-letter list")
        if let last = try lastOffset(on: &connection) {
            var known: Set<String> = []
            var (offset, unacknowledged) = (-1, 0)
            try consume(from: "first", channel: 2, on: &connection)
            while offset < last {
                guard let delivery = try next(within: Self.longestWait, on: &connection) else {
                    throw AMQPError(.timedOut, "reading the dead letters: nothing came for \(Self.longestWait)")
                }
                offset = delivery.offset ?? offset
                unacknowledged += 1
                if unacknowledged >= Int(Self.prefetch) / 2 {
                    try connection.acknowledge(delivery.tag, multiple: true, channel: 2)
                    unacknowledged = 0
                }
                let letter = Letter(delivery.message, exchange: delivery.exchange, routingKey: delivery.routingKey)
                if known.insert(letter.id).inserted { take(letter) }
            }
        }
        connection.close()
    }

    /// The offset of the newest letter; `nil` where there is none.
    ///
    /// The broker can't be asked for it (its message count of a stream is seconds old), so the chunk that was written
    /// last is read, whose letters arrive together.
    private func lastOffset(on connection: inout AMQPConnection) throws(AMQPError) -> Int? {
        try consume(from: "last", channel: 1, on: &connection)
        var last: Int?
        while let delivery = try next(within: last == nil ? Self.firstWait : Self.burstWait, on: &connection) {
            last = delivery.offset ?? last
            try connection.acknowledge(delivery.tag, multiple: false, channel: 1)
        }
        try connection.closeChannel(1)
        return last
    }

    private func consume(from offset: String, channel: UInt16, on connection: inout AMQPConnection) throws(AMQPError) {
        try connection.openChannel(channel)
        try connection.consume(
            QueueName.deadLetterStore, prefetch: Self.prefetch, channel: channel,
            arguments: ["x-stream-offset": .text(offset)])
    }

    /// The next letter, or `nil` when none came in time.
    private func next(
        within limit: Duration, on connection: inout AMQPConnection
    ) throws(AMQPError) -> AMQPDelivery? {
        let end = ContinuousClock.now + limit
        while true {
            while let incoming = try connection.next() {
                switch incoming {
                case .delivery(let delivery): return delivery
                case .consumerCancelled: throw AMQPError(.connectionLost, "the store of the dead letters is gone")
                default: continue
                }
            }
            let rest = (end - .now) / .milliseconds(1)
            if rest <= 0 { return nil }
            var descriptor = pollfd(fd: connection.socket, events: Int16(POLLIN), revents: 0)
            // Shorter than the interval in which the connection's heartbeats are due.
            _ = poll(&descriptor, 1, Int32(min(rest + 1, 2_000)))
        }
    }
}

extension AMQPDelivery {
    /// Its place in the stream.
    fileprivate var offset: Int? { message.headers["x-stream-offset"]?.int }
}
