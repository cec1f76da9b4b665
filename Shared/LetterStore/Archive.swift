import AMQP
import Contract
import Logging
import Metrics
import Runtime

/// Takes the letters into the store, and what is heard of replayed ones: on record there first, acknowledged here then.
public struct Archive: Sendable {
    private let log: LetterLog
    private let logger: Logger
    private let counters = LetterCounters()

    /// An archive that writes into the log.
    public init(log: LetterLog, logger: Logger) {
        self.log = log
        self.logger = logger
    }

    /// Stores what arrived together.
    /// - Throws: `DependencyAway` while the store can't be written.
    public func store(_ batch: [Delivery]) async throws -> [Verdict] {
        zip(batch, try await keep(batch)).map { delivery, kept in
            let (letter, outcome) = kept
            if let letter, outcome.isNew { tell(letter) }
            var messages: [OutgoingMessage] = []
            if let opened = outcome.opened {
                if outcome.affected > 0 { tell(opened) }
                messages.append(opened.event(causedBy: delivery))
            }
            if let next = outcome.next { messages.append(next.message) }
            return .done(messages)
        }
    }

    /// Puts them on record.
    private func keep(_ batch: [Delivery]) async throws -> [(letter: Letter?, outcome: Ledger.Outcome)] {
        var known: Set<String> = []
        let letters = try batch.map { try letter($0, &known) }
        let records = zip(batch, letters).map { delivery, letter in
            letter.map {
                // Where it says when it failed, that tells a letter that failed anew from one that is delivered twice.
                let isTimed = delivery.message.headers[FailureHeader.failedAt] != nil
                return LogRecord.letter($0, isRedelivered: delivery.isRedelivered && !isTimed)
            }
                ?? LogRecord.replayed(
                    delivery.message.headers[FailureHeader.letter]?.text ?? "",
                    in: delivery.message.headers[FailureHeader.replay]?.text ?? "")
        }
        var kept = Array(zip(letters, try await log.append(records))) as [(letter: Letter?, outcome: Ledger.Outcome)]
        // Another replica may have given an equal letter the same number, and stand before this one in the log.
        let beaten = kept.indices.filter {
            kept[$0].letter != nil && Self.isNumbered(batch[$0]) && !kept[$0].outcome.isNew
        }
        guard !beaten.isEmpty else { return kept }
        for (place, again) in zip(beaten, try await keep(beaten.map { batch[$0] })) { kept[place] = again }
        return kept
    }

    /// Whether equal letters are told apart by a number: they have no id, and the broker says that it has not delivered this one before.
    private static func isNumbered(_ delivery: Delivery) -> Bool {
        !delivery.isRedelivered && delivery.message.messageID?.isEmpty != false
            && delivery.message.headers[FailureHeader.letter] == nil
    }

    /// The letter of a delivery; `nil` where it is no letter but the report of a replayed one that took effect.
    private func letter(_ delivery: Delivery, _ known: inout Set<String>) throws -> Letter? {
        if delivery.message.type == MessageType.replayed, delivery.isFromOurselves { return nil }
        var copy = 0
        while true {
            let letter = Letter(
                delivery.message, exchange: delivery.exchange, routingKey: delivery.routingKey, copy: copy)
            let isKnown =
                try known.contains(letter.id)
                || log.look { ledger in LetterID(letter.id).map { ledger.index[$0] != nil } ?? false }
            if !isKnown || !Self.isNumbered(delivery) {
                known.insert(letter.id)
                return letter
            }
            copy += 1
        }
    }

    private func tell(_ letter: Letter) {
        logger.info(
            "dead letter",
            metadata: [
                "id": "\(letter.id)", "queue": "\(letter.queue)", "reason": "\(letter.reason)",
                "service": "\(letter.service ?? "-")", "attempts": "\(letter.attempts)",
                "message_id": "\(letter.message.messageID ?? "-")",
            ])
        counters.count(queue: letter.queue, reason: letter.reason)
    }

    private func tell(_ group: Ledger.OpenedGroup) {
        logger.warning(
            "dead letters of a new kind",
            metadata: [
                "group": "\(group.id)", "letter": "\(group.letter)", "queue": "\(group.queue)",
                "reason": "\(group.reason)", "service": "\(group.service ?? "-")", "error": "\(group.signature)",
            ])
    }
}

extension Ledger.OpenedGroup {
    /// The event `dead-letter.group.opened`; nobody needs to listen.
    func event(causedBy cause: Delivery) -> OutgoingMessage {
        let event = LetterGroupOpened(
            group: id.description, letter: letter.description, queue: queue, service: service, reason: reason,
            signature: signature, at: at)
        var message = AMQPMessage(body: JSON.encode(event))
        message.contentType = "application/json"
        message.messageID = event.eventID
        message.type = event.event
        message.timestamp = UInt64(max(0, at.milliseconds / 1000))
        message.correlationID = cause.message.correlationID
        message.headers["traceparent"] = cause.traceparent
        return OutgoingMessage(
            to: Exchange.bookings, routingKey: event.event, isMandatory: false, message: message)
    }
}
