import AMQP
import ConnectionThread
import Contract
import Logging
import Runtime

/// Moves the letters into another stream when some are out of date, and deletes the streams they have been in: nothing can be deleted
/// out of the middle of one.
///
/// First the log is sealed: nothing that stands behind counts, for nobody. Then what it says is copied into a new stream, and when all
/// of that is confirmed the register is told, which is the moment at which the new stream becomes the store. Whoever dies before
/// has changed nothing but the seal; another replica, which finds the log sealed for a while, makes a copy of its own.
actor StoreMover {
    private let thread = ConnectionThread(name: "letter-mover")
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }
    private let log: LetterLog
    private let reader: StreamReader
    private let broker: [AMQPAddress]
    private let logger: Logger

    /// The most letters, and about the most bytes, that are copied at a time.
    private static let portion = (letters: 500, bytes: 4 << 20)
    private static let channel: UInt16 = 1

    init(_ desk: Desk) {
        log = desk.log
        reader = desk.reader
        broker = desk.service.settings.broker
        logger = desk.service.logger
    }

    deinit { thread.stop() }

    /// Moves the letters, without those that were resolved before a time.
    /// - Throws: `DependencyAway` where something fails, or another replica is faster; `AMQPError` where the broker is away.
    func move(resolvedBefore time: Timestamp) async throws {
        var next = try StoreRegister.begin(after: try log.look { $0.store.queue }, at: broker)
        let count: Int
        do {
            if try log.look({ $0.end == nil }) { _ = try await log.append(.seal(before: time)) }
            CrashPoints.pass("sealed:letters")
            next.base = try log.look { $0.end } ?? 0
            count = try await copy(to: next.queue)
            CrashPoints.pass("copied:letters")
        } catch {
            try? StoreRegister.delete([next.queue], at: broker)
            throw error
        }
        // Where this fails the register may say nevertheless that it is the store: only who has read that may delete it.
        if try StoreRegister.complete(next, at: broker) == next {
            CrashPoints.pass("completed:letters")
            logger.info("the letters have moved", metadata: ["to": "\(next.queue)", "letters": "\(count)"])
        }
    }

    /// Deletes the streams that the letters have been in, and what did not become the store since somebody died.
    func clear() throws(AMQPError) { try StoreRegister.delete(StoreRegister.read(at: broker).leftOver, at: broker) }

    /// - Returns: how many letters there are.
    private func copy(to queue: String) async throws -> Int {
        let (count, acts) = try log.look { ($0.letters.count, $0.acts.count) }
        for start in stride(from: 0, to: acts, by: Self.portion.letters) {
            let range = start..<min(start + Self.portion.letters, acts)
            try write(try log.look { $0.copyOfActs(range) }, to: queue)
        }
        try write(try log.look { $0.copyOfReplays() }, to: queue)
        var number = 0
        while number < count {
            let copies = try log.look { [number] ledger in
                var copies: [Ledger.Copy] = []
                var size = 0
                for number in number..<min(number + Self.portion.letters, count) where size < Self.portion.bytes {
                    copies.append(ledger.copy(of: number))
                    size += copies.last?.size ?? 0
                }
                return copies
            }
            let messages = try await reader.messages(at: copies.flatMap { [$0.message] + $0.bodies })
            try write(copies.flatMap { $0.records(messages) }, to: queue)
            number += copies.count
        }
        return count
    }

    /// Publishes entries, and waits until all are confirmed.
    private func write(_ records: [LogRecord], to queue: String) throws(AMQPError) {
        var connection = try AMQPConnection.open(broker, name: "dead-letter mover")
        try connection.openChannel(Self.channel)
        try connection.selectConfirms(channel: Self.channel)
        var missing = Set(records.indices.map { UInt64($0 + 1) })
        let deadline = ContinuousClock.now + .seconds(60)
        for record in records {
            while !connection.isWritable { try settle(&missing, &connection, deadline) }
            try connection.publish(record.stored, to: "", routingKey: queue, isMandatory: true, channel: Self.channel)
        }
        while !missing.isEmpty { try settle(&missing, &connection, deadline) }
        connection.close()
    }

    /// Takes the next confirmation.
    private func settle(
        _ missing: inout Set<UInt64>, _ connection: inout AMQPConnection, _ deadline: ContinuousClock.Instant
    ) throws(AMQPError) {
        switch try connection.next(before: min(deadline, .now + .seconds(1))) {
        case .confirmed(let tag, multiple: true): missing = missing.filter { $0 > tag }
        case .confirmed(let tag, multiple: false): missing.remove(tag)
        case .returned, .refused: throw AMQPError(.connectionLost, "the broker does not take a copy of a letter")
        default: if ContinuousClock.now > deadline { throw AMQPError(.timedOut, "a copy is not confirmed") }
        }
    }
}
