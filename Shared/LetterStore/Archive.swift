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
        var known: Set<String> = []
        let letters = try batch.map { try letter($0, &known) }
        let records = zip(batch, letters).map { delivery, letter in
            letter.map { LogRecord.letter($0, isRedelivered: delivery.isRedelivered) }
                ?? LogRecord.replayed(
                    delivery.message.headers[FailureHeader.letter]?.text ?? "",
                    in: delivery.message.headers[FailureHeader.replay]?.text ?? "")
        }
        let outcomes = try await log.append(records)
        return zip(batch, zip(letters, outcomes)).map { delivery, result in
            let (letter, outcome) = result
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

    /// The letter of a delivery; `nil` where it is no letter but the report of a replayed one that took effect.
    ///
    /// An id is made of the message's own id. Without one, equal letters are told apart by their number, unless the broker says that
    /// it has delivered this one before.
    private func letter(_ delivery: Delivery, _ known: inout Set<String>) throws -> Letter? {
        if delivery.message.type == MessageType.replayed, delivery.isFromOurselves { return nil }
        var copy = 0
        while true {
            let letter = Letter(
                delivery.message, exchange: delivery.exchange, routingKey: delivery.routingKey, copy: copy)
            let isKnown =
                try known.contains(letter.id)
                || log.look { ledger in LetterID(letter.id).map { ledger.index[$0] != nil } ?? false }
            if !isKnown || delivery.isRedelivered || delivery.message.messageID?.isEmpty == false
                || letter.replay != nil
            {
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
