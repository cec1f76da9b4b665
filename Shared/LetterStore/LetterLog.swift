import AMQP
import ConnectionThread
import Contract
import Logging
import Runtime
import Synchronization

/// The store, read from its beginning and followed for as long as the service runs; and the next, when the letters move there.
///
/// Whoever appends to it learns what came of the entry when it has been read back: it is in the broker's keeping then, and all
/// replicas judge it alike.
public actor LetterLog {
    private let thread = ConnectionThread(name: "letter-log")
    /// A thread of its own, which waits for the network.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    private let service: ServiceContext
    private let ledger = Mutex(Ledger())
    private var connection: AMQPConnection?
    private var ended: CheckedContinuation<Void, Never>?
    /// The stream that is read; `nil` where it is not known yet.
    private var store: Store?
    /// The offset of the next entry in it.
    private var next = 0
    private var unacknowledged = 0
    /// Entries that were appended and have not come back.
    private var pending: [String: Pending] = [:]
    /// The entry by which it is known that everything before has been read.
    private var marker = ""
    private var connectedAt = ContinuousClock.now
    private var isStarted = false
    private var isStopped = false
    private let isCurrent = Atomic(false)

    private struct Pending {
        let continuation: CheckedContinuation<Ledger.Outcome, any Error>
        let since = ContinuousClock.now
    }

    private static let readChannel: UInt16 = 1
    private static let writeChannel: UInt16 = 2
    private static let prefetch: UInt16 = 1_000
    /// How long an entry may take to come back, and the next to come while everything is read.
    private static let patience = Duration.seconds(20)

    /// A log that is not read yet.
    public init(service: ServiceContext) {
        self.service = service
        service.health.report("store", "not read yet")
    }

    deinit { thread.stop() }

    /// Looks into what has been read so far.
    /// - Throws: `DependencyAway` while not everything has been read that was there at the start.
    public nonisolated func look<T: Sendable>(_ body: (borrowing Ledger) -> T) throws -> T {
        guard isCurrent.load(ordering: .acquiring) else { throw DependencyAway("the store", Reading()) }
        return ledger.withLock { body($0) }
    }

    private struct Reading: Error, CustomStringConvertible { let description = "it is being read" }

    /// Appends entries, and waits until they have been read back.
    /// - Returns: what came of each.
    /// - Throws: `DependencyAway` when the broker is away: some may have been appended then, which does no harm the second time.
    func append(_ records: [LogRecord]) async throws -> [Ledger.Outcome] {
        try await withThrowingTaskGroup { group in
            for (number, record) in records.enumerated() {
                group.addTask { (number, try await self.append(record)) }
            }
            var outcomes = [Ledger.Outcome](repeating: Ledger.Outcome(), count: records.count)
            for try await (number, outcome) in group { outcomes[number] = outcome }
            return outcomes
        }
    }

    /// Appends an entry; see ``append(_:)-([LogRecord])``.
    func append(_ record: LogRecord) async throws -> Ledger.Outcome {
        try await withCheckedThrowingContinuation { continuation in
            // An answer that is asked for twice at a time: one of them tries again later.
            guard pending[record.id] == nil else {
                return continuation.resume(throwing: Self.away("the same is under way"))
            }
            guard connection != nil else {
                return continuation.resume(throwing: Self.away(isSealed ? Self.moving : "not connected"))
            }
            pending[record.id] = Pending(continuation: continuation)
            publish(record)
        }
    }

    private static let moving = "the letters are on their way into another stream"
    private struct Away: Error, CustomStringConvertible { let description: String }
    private static func away(_ why: String) -> DependencyAway { DependencyAway("the store", Away(description: why)) }

    // MARK: The connection

    /// Begins to read and to follow the log, and returns when everything has been read that is there.
    /// - Throws: `CancellationError` when the task is cancelled meanwhile.
    public func start() async throws {
        if !isStarted {
            isStarted = true
            Task { await run() }
        }
        while !isCurrent.load(ordering: .acquiring) { try await Task.sleep(for: .milliseconds(20)) }
    }

    private func run() async {
        var attempt = 0
        while !isStopped {
            do throws(AMQPError) {
                try connect(to: service.settings.broker[attempt % service.settings.broker.count])
                attempt = 0
                if connection != nil { await withCheckedContinuation { ended = $0 } }
            } catch {
                fail(error)
            }
            guard !isStopped else { return }
            attempt = isSealed ? 2 : attempt + 1
            try? await Task.sleep(for: .milliseconds(min(10_000, 250 << min(attempt, 6))))
        }
    }

    /// Ends the reading, and says goodbye to the broker.
    public func stop() {
        isStopped = true
        thread.watch(nil)
        if let connection = connection.take() { connection.close() }
        finishPending(Self.away("the service stops"))
        ended?.resume()
        ended = nil
    }

    private func connect(to address: AMQPAddress) throws(AMQPError) {
        var connection = try AMQPConnection(to: address, name: "dead-letter log")
        try connection.openChannel(Self.writeChannel)
        // Confirms are of no use here, but without them the broker forgets what it has not written when the stream's leader moves.
        try connection.selectConfirms(channel: Self.writeChannel)
        try service.topology.declare(on: &connection, channel: Self.writeChannel)
        let found = try find()
        if found != store {
            forget()
            store = found
            ledger.withLock { $0 = Ledger(found) }
        } else if isSealed {
            return connection.close()
        }
        try connection.openChannel(Self.readChannel)
        try connection.consume(
            found.queue, prefetch: Self.prefetch, channel: Self.readChannel,
            arguments: ["x-stream-offset": next == 0 ? .text("first") : .int(Int64(next))])
        unacknowledged = 0
        connectedAt = .now
        let socket = connection.socket
        self.connection = consume connection
        let record = LogRecord.marker()
        marker = record.id
        publish(record)
        thread.watch(.init(socket: socket, interval: 2_000) { [weak self] in self?.assumeIsolated { $0.read() } })
        read()
    }

    /// The store; where there is none, the first is made.
    private func find() throws(AMQPError) -> Store {
        let broker = service.settings.broker
        if let store = try StoreRegister.read(at: broker).current { return store }
        let first = try StoreRegister.begin(after: "", at: broker)
        return try StoreRegister.complete(first, at: broker) ?? first
    }

    private func publish(_ record: LogRecord) {
        guard var current = connection.take() else { return }
        do throws(AMQPError) {
            try current.publish(
                record.stored, to: "", routingKey: store?.queue ?? "", isMandatory: false,
                channel: Self.writeChannel)
            connection = consume current
        } catch {
            fail(error)
        }
    }

    private func read() {
        guard var current = connection.take() else { return }
        do throws(AMQPError) {
            while let incoming = try current.next() {
                switch incoming {
                case .delivery(let delivery): try take(delivery, on: &current)
                case .consumerCancelled: try lose("it was deleted")
                case .refused: throw AMQPError(.connectionLost, "the store refuses an entry")
                default: break
                }
            }
            if !marker.isEmpty, ContinuousClock.now - connectedAt > Self.patience {
                try lose("its end was not found")
            }
            if let oldest = pending.values.map(\.since).min(), ContinuousClock.now - oldest > Self.patience {
                throw AMQPError(.timedOut, "an entry does not come back")
            }
            connection = consume current
            if isSealed, marker.isEmpty { rest() }
        } catch {
            fail(error)
        }
    }

    private func take(_ delivery: AMQPDelivery, on connection: inout AMQPConnection) throws(AMQPError) {
        unacknowledged += 1
        if unacknowledged >= Int(Self.prefetch) / 4 {
            try connection.acknowledge(delivery.tag, multiple: true, channel: Self.readChannel)
            unacknowledged = 0
        }
        let offset = delivery.message.headers["x-stream-offset"]?.int ?? next
        guard offset >= next else { return }
        next = offset + 1
        guard let store, let record = LogRecord(reading: delivery.message) else { return }
        let outcome = ledger.withLock { $0.apply(record, offset: store.base + offset) }
        if !marker.isEmpty { connectedAt = .now }
        if record.id == marker { becomeCurrent() }
        // What is void is tried again by whoever wrote it, in the next stream.
        guard let outcome else { return }
        pending.removeValue(forKey: record.id)?.continuation.resume(returning: outcome)
    }

    /// Whether nothing more comes of what is read, since the letters move.
    private var isSealed: Bool { ledger.withLock { $0.end != nil } }

    /// Looks for the next stream from time to time; what has been read can be looked at until then.
    private func rest() {
        thread.watch(nil)
        if let connection = connection.take() { connection.close() }
        service.logger.info("the letters move", metadata: ["from": "\(store?.queue ?? "")"])
        finishPending(Self.away(Self.moving))
        ended?.resume()
        ended = nil
    }

    private func becomeCurrent() {
        marker = ""
        if !isCurrent.exchange(true, ordering: .releasing) {
            service.logger.info(
                "the store is read", metadata: ["entries": "\(next)", "stream": "\(store?.queue ?? "")"])
        }
        service.health.report("store", nil)
    }

    /// What was read counts no more.
    private func forget() {
        isCurrent.store(false, ordering: .releasing)
        service.health.report("store", "not read yet")
        store = nil
        next = 0
        ledger.withLock { $0 = Ledger() }
    }

    /// What was read is no more: it is read anew from what is there.
    private func lose(_ why: String) throws(AMQPError) {
        forget()
        throw AMQPError(.connectionLost, "the store of the dead letters: \(why)")
    }

    private func fail(_ error: AMQPError) {
        connection = nil
        thread.watch(nil)
        if error.code == .server(404) { forget() }
        service.health.report("store", error.description)
        if !isStopped {
            service.logger.warning("no connection", metadata: ["connection": "letter-log", "error": "\(error)"])
        }
        finishPending(Self.away(error.description))
        ended?.resume()
        ended = nil
    }

    private func finishPending(_ error: DependencyAway) {
        for waiting in pending.values { waiting.continuation.resume(throwing: error) }
        pending = [:]
    }
}
