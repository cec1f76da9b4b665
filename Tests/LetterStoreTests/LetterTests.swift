import AMQP
import Contract
import Runtime
import Testing

@testable import LetterStore

@Suite struct LetterTests {
    /// A message as one of our services gives it up.
    private func given(_ body: String = "no JSON", id: String? = "m1", failedAt: String = "2026-11-21T10:00:00.123Z")
        -> AMQPMessage
    {
        var message = AMQPMessage(body: Array(body.utf8))
        message.messageID = id
        message.headers = [
            FailureHeader.queue: .text("pricing.bookings"), FailureHeader.reason: .text("not_json_object"),
            FailureHeader.detail: .text("at byte 0"), FailureHeader.failedAt: .text(failedAt),
            FailureHeader.attempts: .int(6), FailureHeader.service: .text("pricing"),
            FailureHeader.exchange: .text("bookings"), FailureHeader.routingKey: .text("booking.accepted"),
            "theirs": .double(0.5),
        ]
        return message
    }

    private func letter(_ message: AMQPMessage) -> Letter {
        Letter(message, exchange: Exchange.deadLetters, routingKey: "pricing.bookings")
    }

    @Test func whatOurServicesWroteIsRead() {
        let letter = letter(given())
        #expect(letter.queue == "pricing.bookings")
        #expect(letter.reason == "not_json_object")
        #expect(letter.detail == "at byte 0")
        #expect(letter.at.description == "2026-11-21T10:00:00.123Z")
        #expect(letter.attempts == 6)
        #expect(letter.exchange == "bookings")
        #expect(letter.routingKey == "booking.accepted")
    }

    @Test func aLetterIsKnownAgain() {
        let first = letter(given())
        #expect(first.id.count == 16)
        // Given up once more, because the first time was not acknowledged.
        #expect(letter(given(failedAt: "2026-11-21T10:00:07.000Z")).id == first.id)
        #expect(letter(given("other")).id != first.id)
        #expect(letter(given(id: "m2")).id != first.id)
        #expect(letter(given(id: nil)).id != letter(given(id: nil, failedAt: "2026-11-21T10:00:07.000Z")).id)
        // Stands in stores, and may never change.
        #expect(first.id == "9abe5317cd6b4fa1")
    }

    @Test func whatIsStoredIsTheSameLetter() {
        let first = letter(given())
        let again = Letter(first.stored, exchange: "", routingKey: QueueName.deadLetterStore)
        #expect(again.id == first.id)
        #expect(again.queue == first.queue)
        #expect(again.at == first.at)
        #expect(again.message.body == first.message.body)
        #expect(again.message.headers["theirs"] == .double(0.5))
        #expect(again.stored == first.stored)
    }

    @Test func lettersOfTheBrokerAreTakenAtItsWord() {
        var message = AMQPMessage(body: [0xff])
        message.headers["x-death"] = .array([
            .table([
                "queue": .text("foreign"), "reason": .text("expired"), "count": .int(2),
                "time": .timestamp(1_700_000_000), "exchange": .text("shop"), "routing-keys": .array([.text("order")]),
            ])
        ])
        let letter = Letter(message, exchange: Exchange.deadLetters, routingKey: "order")
        #expect(letter.queue == "foreign")
        #expect(letter.reason == "expired")
        #expect(letter.attempts == 2)
        #expect(letter.at.description == "2023-11-14T22:13:20.000Z")
        #expect(letter.exchange == "shop")
        #expect(letter.routingKey == "order")
    }

    @Test func nonsenseInHeadersDoesNoHarm() {
        var message = AMQPMessage(body: [1, 2])
        message.headers = [
            FailureHeader.attempts: .text("x"), FailureHeader.failedAt: .int(3), FailureHeader.queue: .void,
            "x-death": .array([.text("?")]), "CC": .array([.text("booking-intake.requests")]),
        ]
        let letter = Letter(message, exchange: Exchange.deadLetters, routingKey: "by hand")
        #expect(letter.queue == "by hand")
        #expect(letter.reason == "unknown")
        #expect(letter.attempts == 0)
        // It would be delivered there as well.
        #expect(letter.stored.headers["CC"] == nil)
        let again = Letter(letter.stored, exchange: "", routingKey: QueueName.deadLetterStore)
        #expect(again.message.headers["caramelo-cc"] == .array([.text("booking-intake.requests")]))
        #expect(again.stored == letter.stored)
    }

    @Test func headersThatLeaveNoRoomForOursAreShed() {
        var message = AMQPMessage(body: [1])
        message.headers = ["big": .text(String(repeating: "x", count: 130_000)), "small": .int(1)]
        let stored = Letter(message, exchange: Exchange.deadLetters, routingKey: "q").stored
        #expect(stored.headers["big"] == nil)
        #expect(stored.headers["small"] == .int(1))
        #expect(stored.headers["caramelo-shed-headers"] == .text("big"))
    }

    @Test func equalLettersWithoutAnIdAreToldApart() {
        let message = given(id: nil)
        let first = Letter(message, exchange: Exchange.deadLetters, routingKey: "q")
        let second = Letter(message, exchange: Exchange.deadLetters, routingKey: "q", copy: 1)
        #expect(first.id != second.id)
        #expect(Letter(second.stored, exchange: "", routingKey: "").id == second.id)
    }

    @Test func whatIsNotPublishedAgainIsKept() {
        var message = given()
        message.expiration = "5000"
        message.userID = "upstream"
        let stored = letter(message).stored
        #expect(stored.headers["caramelo-expiration"] == .text("5000"))
        #expect(stored.headers["caramelo-user-id"] == .text("upstream"))
    }

    @Test(
        arguments: [
            ("at byte 17: expected a value", "at byte #: expected a value"),
            ("the body is not valid UTF-8", "the body is not valid UTF-8"),
            ("flight AV9301-2026-12-01 of AV93", "flight # of AV#"),
            ("no 3f0c1c5e-1a2b-4c3d-8e9f-001122334455 here", "no # here"), ("plain words", "plain words"), ("", ""),
        ])
    func errorsOfOneKindHaveOneSignature(error: String, signature: String) {
        #expect(Signature.of(error) == signature)
    }
}
