import AMQP
import ConnectionThread
import Contract

/// A message of the exchange `booking_notifications`.
public struct Announcement: Sendable {
    /// The message as it came.
    public let message: AMQPMessage

    /// The final outcome or cancellation that it announces.
    /// - Throws: ``ClientError/unreadable(_:)`` if it is something else.
    public func outcome() throws(ClientError) -> BookingOutcome {
        do {
            return try JSON.decode(BookingOutcome.self, from: message.body)
        } catch {
            throw .unreadable("\(error)")
        }
    }
}

extension BookingClient {
    /// Every outcome and cancellation announced from now on, on a connection of its own, which ends with the stream.
    ///
    /// It returns when the broker has everything set up, so that nothing published afterwards is missed. The stream
    /// throws a ``ClientError`` when the connection is lost (what is announced until the next call is missed then), or
    /// when more than 100,000 announcements wait to be read.
    /// - Throws: ``ClientError/nobodyServes(_:)`` when there is no such exchange; else why the broker can't be reached.
    public nonisolated func outcomes() async throws(ClientError) -> AsyncThrowingStream<Announcement, any Error> {
        let (stream, continuation) = AsyncThrowingStream<Announcement, any Error>.makeStream(
            bufferingPolicy: .bufferingOldest(OutcomeFeed.limit))
        let feed = OutcomeFeed(continuation)
        try await feed.open(addresses, name: name)
        continuation.onTermination = { _ in Task { await feed.stop() } }
        return stream
    }
}

/// A connection that listens to `booking_notifications`.
actor OutcomeFeed {
    /// The most announcements that wait to be read.
    static let limit = 100_000

    private let thread = ConnectionThread(name: "outcomes")
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }
    private let stream: AsyncThrowingStream<Announcement, any Error>.Continuation
    private var connection: AMQPConnection?

    init(_ stream: AsyncThrowingStream<Announcement, any Error>.Continuation) { self.stream = stream }

    deinit { thread.stop() }

    func open(_ addresses: [AMQPAddress], name: String) throws(ClientError) {
        var failure = AMQPError(.connectionLost, "there is no node to connect to")
        for address in addresses {
            do throws(AMQPError) { return try open(address, name: name) } catch { failure = error }
        }
        if failure.code == .server(404) { throw .nobodyServes("outcomes") }
        throw ClientError(failure)
    }

    private func open(_ address: AMQPAddress, name: String) throws(AMQPError) {
        var connection = try AMQPConnection(to: address, name: name)
        try connection.openChannel(1)
        let queue = try connection.declareQueue("", isDurable: false, channel: 1).name
        try connection.bind(queue: queue, to: Exchange.bookingNotifications, routingKey: "", channel: 1)
        try connection.consume(queue, prefetch: 0, channel: 1, noAck: true)
        let socket = connection.socket
        self.connection = consume connection
        thread.watch(.init(socket: socket, interval: 2_000) { [weak self] in self?.assumeIsolated { $0.read() } })
        read()
    }

    func stop() {
        thread.watch(nil)
        stream.finish()
        if let connection = connection.take() { connection.close() }
    }

    private func read() {
        guard var current = connection.take() else { return }
        do throws(AMQPError) {
            while let incoming = try current.next() {
                guard case .delivery(let delivery) = incoming else { continue }
                guard case .dropped = stream.yield(Announcement(message: delivery.message)) else { continue }
                stream.finish(throwing: ClientError.overflow(Self.limit))
                return thread.watch(nil)
            }
            connection = consume current
        } catch {
            thread.watch(nil)
            stream.finish(throwing: ClientError(error))
        }
    }
}
