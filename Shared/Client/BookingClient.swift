import AMQP
import ConnectionThread
import Contract
import FoundationEssentials
import Synchronization

/// An upstream system's connection to the broker: hands messages over for good, and asks questions.
///
/// A connection that is lost comes back by itself as long as somebody waits for something, and what was in doubt is
/// published again with the same ids. Every wait is bounded by the caller. Any number of tasks may use it at a time.
public actor BookingClient {
    private let thread: ConnectionThread
    /// The connection's own thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    nonisolated let addresses: [AMQPAddress]
    nonisolated let name: String
    private var channel: ClientChannel
    private var connection: AMQPConnection?
    private var isReconnecting = false
    private var isClosed = false
    /// The node to try first: the one that was in use, or after it was lost the next.
    private var node = 0
    /// Why nothing gets through at present; for whoever gives up waiting.
    private nonisolated let trouble = Mutex<ClientError?>(nil)

    /// A client that is not connected yet.
    /// - Parameters:
    ///   - addresses: the nodes of one cluster, one at least.
    ///   - name: what the broker's management page shows; it is the `app_id` of what is published, too.
    public init(addresses: [AMQPAddress], name: String) {
        thread = ConnectionThread(name: name)
        self.addresses = addresses
        self.name = name
        channel = ClientChannel(appID: name)
    }

    deinit { thread.stop() }

    // MARK: What it is for

    /// Connects to the first node that lets us in, trying each once; without it, the first use connects.
    /// - Throws: ``ClientError/unreachable(_:)`` or ``ClientError/refused(_:)`` as the last node has it.
    public nonisolated func connect(timeout: Duration = .seconds(10)) async throws(ClientError) {
        let ticket = Ticket<Void>()
        Task { ticket.finish(await connectOnce()) }
        try await ticket.value(within: timeout) { [addresses] in
            let nodes = addresses.map { "\($0.host):\($0.port)" }.joined(separator: ", ")
            return .unreachable("no answer from \(nodes) within \(timeout.seconds) s")
        }
    }

    /// Says goodbye to the broker; whoever still waits gets ``ClientError/closed``.
    public func close() {
        isClosed = true
        thread.watch(nil)
        channel.fail(.closed)
        if let connection = connection.take() { connection.close() }
    }

    /// Publishes messages (persistent, mandatory) and returns when the broker has confirmed each.
    ///
    /// At most 1,024 wait for their confirm at a time. What is refused or in doubt is published again, same ids, until
    /// `timeout`; after an error some may have arrived, and publishing all again with the same ids does no harm.
    /// - Throws: ``ClientError/nobodyServes(_:)`` at once when no queue takes one of them; after `timeout` what was in
    ///   the way.
    public nonisolated func publish(_ messages: [ClientMessage], timeout: Duration) async throws(ClientError) {
        for message in messages { if let problem = message.problem { throw .unsendable(problem) } }
        let batch = Batch(messages)
        Task { await send(batch) }
        try await batch.ticket.value(within: timeout) { [self] in
            trouble.withLock { $0 } ?? .noAnswer("confirmation by the broker", within: timeout)
        }
    }

    /// Publishes one message; see ``publish(_:timeout:)``.
    public nonisolated func publish(_ message: ClientMessage, timeout: Duration) async throws(ClientError) {
        try await publish([message], timeout: timeout)
    }

    /// Asks a query, or gives a command that is answered; a question that stays without an answer is repeated.
    /// - Parameters:
    ///   - routingKey: of the exchange `bookings`.
    ///   - body: a JSON object.
    ///   - id: of the message, by which a command takes effect once however often it is given; by default a new one.
    ///   - timeout: how long to wait for the answer.
    ///   - takes: whether an answer is the one to wait for; by default the first is.
    /// - Returns: the answer's body.
    /// - Throws: ``ClientError/nobodyServes(_:)`` at once when no queue takes it; after `timeout` what was in the way.
    public nonisolated func ask(
        _ routingKey: String, _ body: [UInt8], id: String? = nil, timeout: Duration,
        takes: @escaping @Sendable ([UInt8]) -> Bool = { _ in true }
    ) async throws(ClientError) -> [UInt8] {
        let asked = UUID().uuidString.lowercased()
        let message = ClientMessage(routingKey, body, messageID: id ?? asked, correlationID: asked)
        let question = Question(message, takes: takes)
        return try await answer(to: question, timeout: timeout)
    }

    nonisolated func answer(to question: Question, timeout: Duration) async throws(ClientError) -> [UInt8] {
        if let problem = question.message.problem { throw .unsendable(problem) }
        let asking = Task {
            var wait = Duration.seconds(2)
            repeat {
                await send(question)
                guard (try? await Task.sleep(for: wait)) != nil else { break }
                wait *= 2
            } while !question.ticket.isFinished
            await forget(question)
        }
        defer { asking.cancel() }
        return try await question.ticket.value(within: timeout) { [self] in
            trouble.withLock { $0 } ?? .noAnswer("answer to \(question.message.routingKey)", within: timeout)
        }
    }

    // MARK: On the connection's thread

    private func connectOnce() -> Result<Void, ClientError> {
        guard connection == nil else { return .success(()) }
        do throws(AMQPError) {
            return .success(try open())
        } catch {
            return .failure(ClientError(error))
        }
    }

    private func send(_ batch: Batch) {
        if isClosed { return batch.ticket.finish(.failure(.closed)) }
        channel.add(batch)
        work()
    }

    private func send(_ question: Question) {
        if isClosed { return question.ticket.finish(.failure(.closed)) }
        channel.add(question)
        work()
    }

    private func forget(_ question: Question) { channel.forget(question) }

    /// Sends what there is room for, or connects where there is no connection to send it on.
    private func work() {
        guard var current = connection.take() else { return reconnect() }
        do throws(AMQPError) {
            try channel.send(on: &current)
            try channel.check()
            connection = consume current
        } catch {
            fail(error)
        }
    }

    private func read() {
        guard var current = connection.take() else { return }
        do throws(AMQPError) {
            while let incoming = try current.next() { channel.receive(incoming) }
            try channel.check()
            connection = consume current
            trouble.withLock { $0 = channel.alarm }
            retryRefused()
            work()
        } catch {
            fail(error)
        }
    }

    /// Messages that the broker refused are sent again, though not at once.
    private func retryRefused() {
        guard channel.takeRefused() else { return }
        Task {
            try? await Task.sleep(for: .milliseconds(200))
            channel.restoreRefused()
            work()
        }
    }

    private func open() throws(AMQPError) {
        var failure = AMQPError(.connectionLost, "there is no node to connect to")
        for _ in addresses {
            do throws(AMQPError) {
                var connection = try AMQPConnection(to: addresses[node], name: name)
                try channel.open(on: &connection)
                let socket = connection.socket
                self.connection = consume connection
                trouble.withLock { $0 = nil }
                thread.watch(
                    .init(socket: socket, interval: 2_000) { [weak self] in self?.assumeIsolated { $0.read() } })
                // What came while the channel was set up, such as an alarm.
                read()
                return
            } catch {
                failure = error
                node = (node + 1) % addresses.count
            }
        }
        trouble.withLock { $0 = ClientError(failure) }
        throw failure
    }

    private func fail(_ error: AMQPError) {
        connection = nil
        thread.watch(nil)
        trouble.withLock { $0 = ClientError(error) }
        node = (node + 1) % addresses.count
        channel.lose(error)
        reconnect()
    }

    /// Connects again and again while somebody waits for something.
    private func reconnect() {
        guard connection == nil, !isReconnecting, !isClosed, channel.isWanted else { return }
        isReconnecting = true
        Task {
            var wait = Duration.milliseconds(Int.random(in: 50...150))
            // A node was lost: its queues need a moment to elect their leaders.
            if addresses.count > 1 { try? await Task.sleep(for: .seconds(1)) }
            while connection == nil, !isClosed, channel.isWanted {
                do throws(AMQPError) {
                    try open()
                } catch {
                    try? await Task.sleep(for: wait)
                    wait = min(wait * 2, .seconds(2))
                }
            }
            isReconnecting = false
            work()
        }
    }
}

extension ClientError {
    /// What the broker said, or that it said nothing.
    public init(_ error: AMQPError) {
        switch error.code {
        case .server: self = .refused(error.description)
        case .connectionLost, .timedOut: self = .unreachable(error.description)
        }
    }
}
