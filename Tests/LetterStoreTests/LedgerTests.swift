import AMQP
import Contract
import Runtime
import Testing

@testable import LetterStore

/// The ledger is a function of the log: these write logs.
@Suite struct LedgerTests {
    /// A log being written and read.
    private struct Book {
        var ledger = Ledger()
        var offset = 0

        @discardableResult
        mutating func write(_ record: LogRecord) throws -> Ledger.Outcome {
            let read = try #require(LogRecord(reading: record.stored))
            defer { offset += 1 }
            let outcome = ledger.apply(read, offset: offset)
            return try #require(outcome)
        }

        func status(_ id: String) -> LetterStatus? {
            LetterID(id).flatMap { ledger.index[$0] }.map { ledger.letters[$0].status }
        }
    }

    private func letter(
        _ number: Int, detail: String = "at byte 7", replay: String? = nil, at second: Int = 0
    ) -> Letter {
        var message = AMQPMessage(body: Array("body \(number)".utf8))
        message.messageID = "m\(number)"
        let time = Timestamp(milliseconds: 1_790_000_000_000 + Int64(second) * 1_000).description
        message.headers = [
            FailureHeader.queue: .text("pricing.bookings"), FailureHeader.reason: .text("not_json_object"),
            FailureHeader.detail: .text(detail), FailureHeader.failedAt: .text(time),
            FailureHeader.attempts: .int(1), FailureHeader.service: .text("pricing"),
        ]
        message.headers[FailureHeader.replay] = replay.map { .text($0) }
        return Letter(message, exchange: Exchange.deadLetters, routingKey: "pricing.bookings")
    }

    private func signed(_ id: String) -> Signed { Signed(id: id, by: "Ana", why: "because") }

    private func pack(_ letters: [Letter]) -> [UInt8] { LetterID.pack(letters.compactMap { LetterID($0.id) }) }

    private func order(_ id: String, _ letters: [Letter], mostFailures: Int = 0) -> LogRecord {
        .act(.replay, signed(id), [LogRecord.Field.mostFailures: .int(Int64(mostFailures))], body: pack(letters))
    }

    @Test func aLetterIsThereOnce() throws {
        var book = Book()
        #expect(try book.write(.letter(letter(1), isRedelivered: false)).opened != nil)
        #expect(try !book.write(.letter(letter(1), isRedelivered: true)).isNew)
        #expect(try book.write(.letter(letter(2, detail: "at byte 9"), isRedelivered: false)).opened == nil)
        #expect(book.ledger.letters.count == 2)
        #expect(book.ledger.groups.count == 1)
    }

    @Test func aDiscardCountsOnceAndIsUndone() throws {
        var book = Book()
        let letters = (0..<3).map { letter($0) }
        for letter in letters { try book.write(.letter(letter, isRedelivered: false)) }
        let discard = LogRecord.act(.discard, signed("d"), body: pack(Array(letters.prefix(2))))
        #expect(try book.write(discard).affected == 2)
        #expect(try book.write(discard).affected == 2)
        #expect(letters.map { book.status($0.id) } == [.discarded, .discarded, .open])
        #expect(book.ledger.groups[0].unresolved == 1)
        let undo = LogRecord.act(.undo, signed("u"), [LogRecord.Field.action: .text("d")])
        #expect(try book.write(undo).affected == 2)
        #expect(try book.write(undo).affected == 2)
        let second = LogRecord.act(.undo, signed("u2"), [LogRecord.Field.action: .text("d")])
        #expect(try book.write(second).refusal?.code == .wrongState)
        #expect(letters.map { book.status($0.id) } == [.open, .open, .open])
    }

    @Test func aDiscardedLetterThatFailsAnewIsOpen() throws {
        var book = Book()
        try book.write(.letter(letter(1), isRedelivered: false))
        try book.write(.act(.discard, signed("d"), body: pack([letter(1)])))
        // The same delivery once more.
        try book.write(.letter(letter(1, at: 5), isRedelivered: true))
        #expect(book.status(letter(1).id) == .discarded)
        #expect(try book.write(.letter(letter(1, at: 9), isRedelivered: false)).opened != nil)
        #expect(book.status(letter(1).id) == .open)
    }

    @Test func editsAreTakenBackOneByOne() throws {
        var book = Book()
        try book.write(.letter(letter(1), isRedelivered: false))
        let id: AMQPTable = [FailureHeader.letter: .text(letter(1).id)]
        try book.write(.act(.edit, signed("e1"), id, body: [1]))
        try book.write(.act(.edit, signed("e2"), id, body: [2, 2]))
        #expect(book.ledger.letters[0].bodyRecord == 2)
        try book.write(.act(.undo, signed("u2"), [LogRecord.Field.action: .text("e2")]))
        #expect(book.ledger.letters[0].bodyRecord == 1)
        #expect(book.ledger.letters[0].bodySize == 1)
        try book.write(.act(.undo, signed("u1"), [LogRecord.Field.action: .text("e1")]))
        #expect(book.ledger.letters[0].bodyRecord == 0)
        #expect(book.ledger.letters[0].bodySize == 6)
        #expect(book.ledger.letters[0].original == 0)
    }

    @Test func aReplayIsStoppedByAFailure() throws {
        var book = Book()
        let letters = (0..<4).map { letter($0) }
        for letter in letters { try book.write(.letter(letter, isRedelivered: false)) }
        #expect(try book.write(order("r", letters)).next?.number == 0)
        #expect(try book.write(.step(.init(replay: "r", number: 0), count: 1)).sent.count == 1)
        // Another replica takes the same step.
        #expect(try book.write(.step(.init(replay: "r", number: 0), count: 1)).refusal != nil)
        #expect(try book.write(.replayed(letters[0].id, in: "r")).next?.number == 1)
        #expect(try book.write(.step(.init(replay: "r", number: 1), count: 2)).next == nil)
        try book.write(.letter(letter(1, replay: "r", at: 9), isRedelivered: false))
        try book.write(.letter(letter(1, replay: "r", at: 9), isRedelivered: true))
        #expect(try book.write(.replayed(letters[2].id, in: "r")).next == nil)
        #expect(letters.map { book.status($0.id) } == [.replayed, .open, .replayed, .open])
        let replay = book.ledger.report(0)
        #expect([replay.sent, replay.succeeded, replay.failed] == [3, 2, 1])
        #expect(replay.state == .stopped)
        let resume = LogRecord.act(.resume, signed("go"), [FailureHeader.replay: .text("r")])
        #expect(try book.write(resume).next?.number == 2)
        try book.write(.step(.init(replay: "r", number: 2), count: 5))
        try book.write(.replayed(letters[3].id, in: "r"))
        #expect(book.ledger.report(0).state == .finished)
    }

    @Test func ofTwoCopiesThatWereSentTheOneThatTookEffectCounts() throws {
        var book = Book()
        try book.write(.letter(letter(1), isRedelivered: false))
        try book.write(order("r", [letter(1)], mostFailures: 5))
        try book.write(.step(.init(replay: "r", number: 0), count: 1))
        try book.write(.letter(letter(1, replay: "r", at: 9), isRedelivered: false))
        try book.write(.replayed(letter(1).id, in: "r"))
        try book.write(.replayed(letter(1).id, in: "r"))
        #expect(book.status(letter(1).id) == .replayed)
        let replay = book.ledger.report(0)
        #expect([replay.succeeded, replay.failed] == [1, 0])
        #expect(replay.state == .finished)
    }

    private func lost(before step: Int) -> LogRecord { .lost(before: .init(replay: "r", number: step), why: "silence") }

    @Test func whatIsNotHeardOfIsOpenAgainAndCountsWhenItIs() throws {
        var book = Book()
        let letters = (0..<4).map { letter($0) }
        for letter in letters { try book.write(.letter(letter, isRedelivered: false)) }
        try book.write(order("r", letters))
        try book.write(.step(.init(replay: "r", number: 0), count: 1))
        // Meanwhile something else was sent.
        #expect(try book.write(lost(before: 0)).affected == 0)
        try book.write(.replayed(letters[0].id, in: "r"))
        try book.write(.step(.init(replay: "r", number: 1), count: 3))
        #expect(try book.write(lost(before: 2)).affected == 3)
        // Another replica finds the same.
        #expect(try book.write(lost(before: 2)).affected == 0)
        #expect(letters.map { book.status($0.id) } == [.replayed, .open, .open, .open])
        #expect(book.ledger.report(0).state == .stopped)
        #expect(book.ledger.report(0).note == "3 were not heard of: silence")
        #expect(book.ledger.history(1).last?.why == "silence")
        #expect(book.ledger.groups[0].unresolved == 3)
        // They were only late.
        try book.write(.replayed(letters[1].id, in: "r"))
        try book.write(.letter(letter(2, replay: "r", at: 9), isRedelivered: false))
        #expect(letters.map { book.status($0.id) } == [.replayed, .replayed, .open, .open])
        #expect([book.ledger.report(0).succeeded, book.ledger.report(0).failed] == [2, 2])
        #expect(book.ledger.history(2).last?.what == "failed")
    }

    @Test func pagesGoOnAtTheirPlaceWhateverIsForgottenMeanwhile() throws {
        var book = Book()
        let letters = (0..<9).map { letter($0) }
        for letter in letters { try book.write(.letter(letter, isRedelivered: false)) }
        func matcher() -> Ledger.Matcher { Ledger.Matcher(LetterSelection(), in: book.ledger) }
        func ids(_ range: some Sequence<Int>) -> [LetterID] { range.compactMap { LetterID(letters[$0].id) } }
        let latest = book.ledger.scan(matcher(), back: nil, limit: 3)
        let earliest = book.ledger.scan(matcher(), limit: 3)
        #expect(latest.found == ids([8, 7, 6]) && earliest.found == ids(0..<3))
        try book.write(.act(.discard, signed("d"), body: pack([letters[1], letters[4], letters[7]])))
        #expect(book.ledger.forget(resolvedBefore: .now.advanced(bySeconds: 60)) == 3)
        #expect(book.ledger.scan(matcher(), back: latest.next, limit: 9).found == ids([5, 3, 2, 0]))
        #expect(book.ledger.scan(matcher(), from: earliest.next ?? 0).found == ids([3, 5, 6, 8]))
        #expect(book.ledger.scan(matcher(), back: nil, limit: 6).next == nil)
    }

    @Test func whatIsNotOpenAnyMoreIsPassedOver() throws {
        var book = Book()
        let letters = (0..<3).map { letter($0) }
        for letter in letters { try book.write(.letter(letter, isRedelivered: false)) }
        try book.write(order("r", letters))
        try book.write(.act(.discard, signed("d"), body: pack([letters[0], letters[2]])))
        #expect(
            try book.write(.step(.init(replay: "r", number: 0), count: 500)).sent.map(\.description) == [letters[1].id])
        try book.write(.replayed(letters[1].id, in: "r"))
        #expect(book.ledger.report(0).state == .finished)
    }

    @Test func resolvedLettersAreForgottenAndOthersNever() throws {
        var book = Book()
        let letters = (0..<4).map { letter($0) }
        for letter in letters { try book.write(.letter(letter, isRedelivered: false)) }
        try book.write(.act(.discard, signed("d"), body: pack([letters[0]])))
        let id: AMQPTable = [FailureHeader.letter: .text(letters[2].id)]
        try book.write(.act(.edit, signed("e"), id, body: [1]))
        #expect(book.ledger.forget(resolvedBefore: .now.advanced(bySeconds: -60)) == 0)
        #expect(book.ledger.forget(resolvedBefore: .now.advanced(bySeconds: 60)) == 1)
        #expect(letters.map { book.status($0.id) } == [nil, .open, .open, .open])
        #expect(book.ledger.history(1).map(\.what) == ["edited"])
        #expect(book.ledger.count(LetterSelection()) == 3)
        // What was done with others is still known, and can be taken back.
        #expect(try book.write(.act(.undo, signed("u"), [LogRecord.Field.action: .text("e")])).affected == 1)
        #expect(try book.write(.act(.undo, signed("v"), [LogRecord.Field.action: .text("d")])).refusal != nil)
    }

    @Test func selectionsFindWhatTheySay() throws {
        var book = Book()
        for number in 0..<20 {
            let detail = number < 5 ? "flight AV\(number)00 is full" : "no answer"
            try book.write(.letter(letter(number, detail: detail, at: number), isRedelivered: false))
        }
        func count(_ change: (inout LetterSelection) -> Void) -> Int {
            var selection = LetterSelection()
            change(&selection)
            return book.ledger.count(selection)
        }
        #expect(count { _ in } == 20)
        #expect(count { $0.queue = "pricing.bookings" } == 20)
        #expect(count { $0.queue = "elsewhere" } == 0)
        #expect(count { $0.contains = "is full" } == 5)
        #expect(count { $0.contains = "body 1" } == 11)
        #expect(count { $0.since = letter(0, at: 18).at } == 2)
        #expect(count { $0.until = letter(0, at: 18).at } == 18)
        #expect(count { $0.group = book.ledger.groups[1].id.description } == 15)
        #expect(count { $0.status = .discarded } == 0)
        #expect(book.ledger.groups.count == 2)
    }
}
