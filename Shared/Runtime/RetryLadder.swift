import AMQP
import Contract

/// The fixed delays through which a message is tried again, later and later; each is a queue named by its delay.
///
/// One queue per delay, because the broker expires messages from the head of a queue only: a short delay behind a long
/// one would wait for it.
public struct RetryLadder: Sendable {
    /// One delay.
    public struct Rung: Sendable {
        /// The name of its exchange and queue, such as `retry.5s`.
        public let name: String
        /// The delay in milliseconds.
        public let milliseconds: Int
    }

    /// The delays, shortest first: 1 s, 5 s, 30 s, 2 min and 10 min.
    public let rungs: [Rung]

    /// - Parameter fast: whether every delay is a tenth (`FAST_RETRY`).
    public init(fast: Bool) {
        rungs =
            fast
            ? [("100ms", 100), ("500ms", 500), ("3s", 3_000), ("12s", 12_000), ("1min", 60_000)].map(Self.rung)
            : [("1s", 1_000), ("5s", 5_000), ("30s", 30_000), ("2min", 120_000), ("10min", 600_000)].map(Self.rung)
    }

    private static func rung(_ name: String, _ milliseconds: Int) -> Rung {
        Rung(name: "retry." + name, milliseconds: milliseconds)
    }

    /// The rung for a message that has failed `attempts` times before this failure, or `nil` after the last.
    func rung(after attempts: Int) -> Rung? { rungs.indices.contains(attempts) ? rungs[attempts] : nil }
}

/// What our headers on a retried message or a dead letter say, by name.
///
/// They don't begin with `x-`, since RabbitMQ 4 ignores such headers from clients.
public enum FailureHeader {
    /// How often the message has failed.
    public static let attempts = "caramelo-attempts"
    /// How often its handling has been begun in quarantine, the next time included.
    public static let starts = "caramelo-starts"
    /// The error of its first failure.
    public static let firstError = "caramelo-first-error"
    /// The error of its latest failure.
    public static let lastError = "caramelo-last-error"
    /// When it first failed (RFC 3339).
    public static let firstFailedAt = "caramelo-first-failed-at"
    /// When it failed last (RFC 3339).
    public static let failedAt = "caramelo-failed-at"
    /// The exchange it was published to at first.
    public static let exchange = "caramelo-exchange"
    /// The routing key it was published with at first.
    public static let routingKey = "caramelo-routing-key"
    /// Dead letters: the queue it came from.
    public static let queue = "caramelo-queue"
    /// Dead letters: the service that gave it up.
    public static let service = "caramelo-service"
    /// Dead letters: why, as one `snake_case` word.
    public static let reason = "caramelo-reason"
    /// Dead letters: why, for people.
    public static let detail = "caramelo-detail"
    /// The `expiration` that the sender gave it.
    public static let expiration = "caramelo-expiration"
    /// The `user_id` that the sender gave it.
    public static let userID = "caramelo-user-id"
    /// Replayed dead letters: the replay. The first failure is final for it: it is a dead letter again at once.
    public static let replay = "caramelo-replay"
    /// Replayed dead letters: the letter's id.
    public static let letter = "caramelo-letter-id"
}

/// What travels into the queue `dead-letters` beside the letters.
public enum MessageType {
    /// A replayed letter took effect: which, and in which replay, in its headers.
    public static let replayed = "dead-letter.replayed"
}

/// Why the runtime makes a message a dead letter, beside the reasons that handlers have.
enum DeadLetterReason {
    /// It failed at its last attempt, too.
    static let exhausted = "retries_exhausted"
    /// Its handling was begun several times and never ended.
    static let killedConsumer = "killed_consumer"
    /// Its queue is not bound for its routing key.
    static let wrongRoutingKey = "wrong_routing_key"
}

extension Delivery {
    /// The message for its next attempt after `error`, or for the dead letters where the ladder ends.
    func retried(_ error: String, on ladder: RetryLadder, by service: String) -> OutgoingMessage {
        guard replay == nil, let rung = ladder.rung(after: attempts) else {
            return deadLetter(reason: DeadLetterReason.exhausted, detail: error, by: service)
        }
        return OutgoingMessage(to: rung.name, routingKey: queue, message: failed(error).fitting)
    }

    /// The message, whole, for the dead letters.
    /// - Parameters:
    ///   - reason: why, as one `snake_case` word.
    ///   - detail: why, for people.
    ///   - service: the service that gives it up.
    func deadLetter(reason: String, detail: String, by service: String) -> OutgoingMessage {
        var letter = failed(detail)
        letter.headers[FailureHeader.queue] = .text(queue)
        letter.headers[FailureHeader.service] = .text(service)
        letter.headers[FailureHeader.reason] = .text(reason)
        letter.headers[FailureHeader.detail] = .text(String(detail.prefix(500)))
        return OutgoingMessage(to: Exchange.deadLetters, routingKey: queue, message: letter.fitting)
    }

    /// What tells the dead letters that a replayed message took effect; `nil` for any other message.
    var replayed: OutgoingMessage? {
        guard let replay, let letter = message.headers[FailureHeader.letter] else { return nil }
        var report = AMQPMessage()
        report.type = MessageType.replayed
        report.messageID = "\(replay).\(letter.text ?? "").replayed"
        report.headers = [FailureHeader.replay: .text(replay), FailureHeader.letter: letter]
        return OutgoingMessage(to: "", routingKey: QueueName.deadLetters, message: report)
    }

    /// The message for the quarantine of its queue, where it waits for its handling to be begun.
    /// - Parameters:
    ///   - starts: how often that has been begun by then, this time included: on record before it is.
    ///   - rung: the delay before it.
    func quarantined(starts: Int, after rung: RetryLadder.Rung? = nil) -> OutgoingMessage {
        var next = copy
        next.headers[FailureHeader.starts] = .int(Int64(starts))
        return OutgoingMessage(
            to: rung?.name ?? "", routingKey: QueueName.quarantine(of: queue), message: next.fitting)
    }

    private func failed(_ error: String) -> AMQPMessage {
        var next = copy
        let error = AMQPValue.text(String(error.prefix(500)))
        let now = AMQPValue.text(Timestamp.now.description)
        next.headers[FailureHeader.attempts] = .int(Int64(attempts + 1))
        next.headers[FailureHeader.lastError] = error
        next.headers[FailureHeader.failedAt] = now
        if attempts == 0 {
            next.headers[FailureHeader.firstError] = error
            next.headers[FailureHeader.firstFailedAt] = now
        }
        return next
    }

    /// The message to be published again by us: it keeps where it came from first.
    private var copy: AMQPMessage {
        var next = message
        // Copies for other queues would be wrong (the broker routes by two of these), as would an earlier queue's count.
        for header in ["CC", "BCC", "x-delivery-count"] { next.headers[header] = nil }
        if replay == nil { for header in [FailureHeader.replay, FailureHeader.letter] { next.headers[header] = nil } }
        next.keepUnpublished()
        next.isPersistent = true
        if next.messageID == nil { next.messageID = MessageID.random() }
        if next.type == nil { next.type = routingKey }
        if next.timestamp == nil { next.timestamp = UInt64(max(0, Timestamp.now.milliseconds / 1000)) }
        next.headers[FailureHeader.exchange] = .text(exchange)
        next.headers[FailureHeader.routingKey] = .text(routingKey)
        return next
    }
}

extension AMQPMessage {
    /// Keeps as headers the two properties that are not published again.
    public mutating func keepUnpublished() {
        for (header, value) in [(FailureHeader.expiration, expiration), (FailureHeader.userID, userID)] {
            if let value { headers[header] = .text(value) }
        }
    }

    /// The message without the sender's largest headers where ours leave no room for them in a frame: nothing could
    /// publish it otherwise, and it would be in everyone's way for ever.
    fileprivate var fitting: AMQPMessage {
        var message = self
        _ = message.shedHeaders { $0.hasPrefix("caramelo-") }
        return message
    }
}
