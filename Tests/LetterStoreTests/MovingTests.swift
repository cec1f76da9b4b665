import AMQP
import Contract
import Runtime
import Testing

@testable import LetterStore

/// Letters that move into another stream: what is read there says the same.
@Suite struct MovingTests {
    /// A stream and what was read of it.
    private struct Stream {
        var ledger: Ledger
        var messages: [Int: AMQPMessage] = [:]
        var next: Int

        init(_ store: Store = Store(after: "")) {
            ledger = Ledger(store)
            next = store.base
        }

        @discardableResult
        mutating func write(_ record: LogRecord) -> Ledger.Outcome? {
            messages[next] = record.stored
            messages[next]?.unpackHeaders()
            defer { next += 1 }
            return LogRecord(reading: record.stored).flatMap { ledger.apply($0, offset: next) }
        }

        /// The stream that the letters move into.
        mutating func moved(resolvedBefore time: Timestamp) throws -> Stream {
            write(.seal(before: time))
            var store = Store(after: ledger.store.queue)
            store.base = try #require(ledger.end)
            var other = Stream(store)
            for record in ledger.copyOfActs(ledger.acts.indices) + ledger.copyOfReplays() { other.write(record) }
            for number in ledger.letters.indices {
                for record in ledger.copy(of: number).records(messages) { other.write(record) }
            }
            return other
        }

        /// Everything that can be asked of it.
        func everything() throws -> [String] {
            try ledger.letters.indices.flatMap { number in
                let entry = ledger.letters[number]
                let message = try #require(messages[entry.message])
                let body = try #require(messages[entry.bodyRecord]?.body)
                let headers = message.headers.filter { !$0.key.hasPrefix("caramelo-record") }
                let kept = entry.body.map { Array(ledger.bodies[$0]) == body } ?? true
                return [
                    "\(ledger.line(number))", "\(ledger.history(number))", "\(entry.place) \(entry.resolvedAt) \(kept)",
                    "\(entry.replay) \(entry.originalSize)", "\(headers.sorted { $0.key < $1.key })", "\(body)",
                    "\(messages[entry.original]?.body ?? [])", "\(message.messageID ?? "")",
                ]
            }
                + ledger.replays.map { "\($0)" } + ledger.actIndex.map { "\($0) \($1)" }.sorted()
                + ledger.groups.filter { $0.unresolved > 0 }.map { group in
                    "\(group.id) \(group.unresolved) \(ledger.index[group.openedBy] == nil ? "-" : "\(group.openedBy)")"
                }.sorted()
        }
    }

    private static let start: Int64 = 1_790_000_000_000

    private func letter(_ number: Int, replay: String? = nil, at second: Int, body: [UInt8]) -> Letter {
        var message = AMQPMessage(body: body)
        message.messageID = "m\(number)"
        message.headers = [
            FailureHeader.queue: .text("pricing.bookings"), FailureHeader.reason: .text("reason \(number % 3)"),
            FailureHeader.detail: .text("it failed, \(second)"), FailureHeader.attempts: .int(1),
            FailureHeader.failedAt: .text(Timestamp(milliseconds: Self.start + Int64(second) * 1_000).description),
            FailureHeader.service: .text("pricing"), "list": .array([.int(1), .void]),
        ]
        message.headers[FailureHeader.letter] = .text(LetterID(bits: UInt64(number) + 77).description)
        message.headers[FailureHeader.replay] = replay.map { .text($0) }
        return Letter(message, exchange: Exchange.deadLetters, routingKey: "pricing.bookings")
    }

    /// Something that somebody does, or that happens.
    private func anything(_ step: Int, _ ledger: Ledger, _ random: inout some RandomNumberGenerator) -> LogRecord {
        let signed = Signed(id: "a\(step)", by: "Ana", why: "because")
        let some = ledger.letters.shuffled(using: &random).prefix(.random(in: 1...6, using: &random)).map(\.id)
        let id = some.first ?? LetterID(bits: 77)
        let replay = ledger.replays.randomElement(using: &random)
        let named: AMQPTable = [FailureHeader.letter: .text(id.description)]
        let body = [UInt8]("body \(step)".utf8) + [UInt8](repeating: 0xff, count: step % 7 == 0 ? 9_000 : 0)
        switch Int.random(in: 0...11, using: &random) {
        case 0: return .act(.discard, signed, body: LetterID.pack(some))
        case 1: return .act(.edit, signed, named, body: body)
        case 2:
            let action = ledger.actIndex.keys.sorted().randomElement(using: &random) ?? ""
            return .act(.undo, signed, [LogRecord.Field.action: .text(action)])
        case 3: return .act(.replay, signed, [LogRecord.Field.mostFailures: .int(2)], body: LetterID.pack(some))
        case 4, 5, 6:
            guard let replay else { break }
            return .step(.init(replay: replay.id, number: replay.step), count: 3)
        case 7, 8:
            guard let replay, let sent = replay.lastSent.randomElement(using: &random) else { break }
            return .replayed(sent.description, in: replay.id)
        case 9:
            guard let replay, let sent = replay.lastSent.randomElement(using: &random) else { break }
            let number = Int(sent.bits) - 77
            return .letter(letter(number, replay: replay.id, at: step, body: body), isRedelivered: false)
        case 10:
            guard let replay else { break }
            return .act(.resume, signed, [FailureHeader.replay: .text(replay.id)])
        default: break
        }
        return .letter(
            letter(.random(in: 0..<60, using: &random), at: step, body: body), isRedelivered: false)
    }

    @Test(
        "whatever has happened, it is the same there, and whatever happens then has the same effect", arguments: 1...60)
    func same(seed: UInt64) throws {
        var random = SplitMix(state: seed)
        var stream = Stream()
        for step in 0..<200 { stream.write(anything(step, stream.ledger, &random)) }
        // Out of date is what was resolved in the first half, since it is not said when.
        var other = try stream.moved(resolvedBefore: .earliest)
        #expect(try other.everything() == stream.everything())
        // Goes on where it was.
        stream.ledger.end = nil
        for step in 200..<300 {
            let record = anything(step, stream.ledger, &random)
            stream.next = max(stream.next, other.next)
            other.next = stream.next
            let outcome = "\(stream.write(record) as Any)"
            #expect("\(other.write(record) as Any)" == outcome)
        }
        #expect(try other.everything() == stream.everything())
        // And from there into a third, which leaves everything behind that is resolved.
        let open = other.ledger.letters.filter { !$0.status.isResolved }.map(\.id)
        let third = try other.moved(resolvedBefore: .latest)
        #expect(third.ledger.letters.map(\.id) == open)
        #expect(try third.everything() == other.everything())
    }

    @Test func behindTheSealNothingCounts() throws {
        var stream = Stream()
        stream.write(.letter(letter(1, at: 1, body: [1]), isRedelivered: false))
        stream.write(.seal(before: .earliest))
        #expect(stream.write(.letter(letter(2, at: 2, body: [2]), isRedelivered: false)) == nil)
        let discard = LogRecord.act(
            .discard, Signed(id: "d", by: "Ana", why: "because"), body: LetterID.pack(stream.ledger.letters.map(\.id)))
        #expect(stream.write(discard) == nil)
        #expect(stream.write(.seal(before: .latest)) == nil)
        #expect(stream.ledger.letters.map(\.status) == [.open])
        #expect(stream.ledger.end == 2)
    }
}

/// The same numbers for the same seed.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
