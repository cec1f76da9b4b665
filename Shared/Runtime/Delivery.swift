import AMQP
import Contract
import Tracing

/// A message as a handler gets it. A class, because batches of them pass through many hands.
public final class Delivery: Sendable {
    /// The queue it came from.
    public let queue: String
    /// The exchange it was first published to, whatever retries it has been through.
    public let exchange: String
    /// The routing key it was first published with, whatever retries it has been through.
    public let routingKey: String
    /// What the broker delivered.
    private let delivery: AMQPDelivery
    /// How often it has failed before.
    public let attempts: Int
    /// Whether it may have been handled before: redelivered by the broker, or come back from a retry or a dead letter.
    public let isRepeat: Bool
    /// How often it was delivered before and came back unacknowledged, whatever the reason; less than that where the
    /// broker's count began anew.
    let returns: Int
    /// How often its handling has been begun in quarantine, the next time included; 0 outside of it.
    let starts: Int
    /// The replay that brought it out of the dead letters; `nil` for any other message.
    let replay: String?
    /// The life of that channel: acknowledgements of an earlier one are void.
    let epoch: Int
    let arrival: ContinuousClock.Instant
    /// The span of its handling; `nil` where nothing is traced.
    private let span: TracedSpan?

    /// A delivery from the broker to the consumer of `queue`.
    init(_ delivery: AMQPDelivery, from queue: String, epoch: Int, arrival: ContinuousClock.Instant = .now) {
        self.queue = queue
        self.epoch = epoch
        self.delivery = delivery
        self.arrival = arrival
        span = nil
        // Only the default exchange brings retries and replays; anywhere else such headers are a stranger's.
        let headers = delivery.exchange.isEmpty ? delivery.message.headers : [:]
        attempts = max(0, headers[FailureHeader.attempts]?.int ?? 0)
        exchange = headers[FailureHeader.exchange]?.text ?? delivery.exchange
        routingKey = headers[FailureHeader.routingKey]?.text ?? delivery.routingKey
        starts = max(0, headers[FailureHeader.starts]?.int ?? 0)
        replay = Topology.isGuarded(queue) ? headers[FailureHeader.replay]?.text : nil
        let count = delivery.message.headers["x-delivery-count"]?.int ?? 1
        returns = delivery.isRedelivered ? max(1, count) : 0
        isRepeat = delivery.isRedelivered || attempts > 0 || starts > 0 || replay != nil
    }

    private init(_ before: Delivery, isRepeat: Bool, span: TracedSpan?) {
        queue = before.queue
        exchange = before.exchange
        routingKey = before.routingKey
        delivery = before.delivery
        attempts = before.attempts
        self.isRepeat = isRepeat
        self.span = span
        returns = before.returns
        starts = before.starts
        replay = before.replay
        epoch = before.epoch
        arrival = before.arrival
    }

    /// The same message, to be handled once more: its effect may have been stored although the handler failed.
    var again: Delivery { Delivery(self, isRepeat: true, span: span) }
    /// The same message, whose effects belong to a span.
    func traced(by span: TracedSpan) -> Delivery { Delivery(self, isRepeat: isRepeat, span: span) }
    /// The message.
    public var message: AMQPMessage { delivery.message }
    /// Whether the broker says that it may have delivered it before.
    public var isRedelivered: Bool { delivery.isRedelivered }
    /// Whether it came through the default exchange, by the name of its queue, as retries and replays do.
    public var isFromOurselves: Bool { delivery.exchange.isEmpty }
    /// The number by which its channel knows it.
    var tag: UInt64 { delivery.tag }
    /// Tells it from the others of its batch.
    public var id: UInt64 { tag }
    /// The body.
    public var body: [UInt8] { delivery.message.body }
    /// The W3C trace context that its effects carry on: that of its handling, where that is traced, or the one that it came
    /// with; `nil` for what can be none.
    public var traceparent: AMQPValue? {
        if let place = span?.context.place { return .text(place.traceparent) }
        guard let value = message.headers["traceparent"], let text = value.text, text.utf8.count <= 128 else {
            return nil
        }
        return value
    }
}

/// A message to be published. A class, because it passes through many hands and has many parts.
public final class OutgoingMessage: Sendable {
    /// The exchange; empty for the default exchange, which routes to the queue that the routing key names.
    public let exchange: String
    /// The routing key.
    public let routingKey: String
    /// Whether a message that no queue is bound for counts as a failure.
    public let isMandatory: Bool
    /// The message.
    public let message: AMQPMessage

    /// A message for `exchange`, mandatory unless said otherwise.
    public init(to exchange: String, routingKey: String, isMandatory: Bool = true, message: AMQPMessage) {
        self.exchange = exchange
        self.routingKey = routingKey
        self.isMandatory = isMandatory
        self.message = message
    }

    /// An event of ours, tied to what caused it by correlation id and trace context.
    /// - Parameters:
    ///   - event: the event; its name is its routing key.
    ///   - exchange: where to publish it.
    ///   - cause: the message that led to it, where there was one.
    ///   - isMandatory: whether a queue of ours must be bound for it.
    ///   - keys: further routing keys.
    public static func event(
        _ event: some Event, to exchange: String = Exchange.bookings, causedBy cause: Delivery?,
        isMandatory: Bool = true, alsoTo keys: [String] = []
    ) -> OutgoingMessage {
        var message = AMQPMessage(body: JSON.encode(event))
        message.contentType = "application/json"
        message.messageID = event.eventID
        message.type = event.event
        message.timestamp = UInt64(max(0, event.occurredAt.milliseconds / 1000))
        message.correlationID = cause?.message.correlationID
        message.headers["traceparent"] = cause?.traceparent
        // The broker takes this header off.
        if !keys.isEmpty { message.headers["BCC"] = .array(keys.map { .text($0) }) }
        return OutgoingMessage(to: exchange, routingKey: event.event, isMandatory: isMandatory, message: message)
    }
}

/// Ids for messages whose sender gave them none.
public enum MessageID {
    /// 32 random hexadecimal digits.
    public static func random() -> String {
        let digits = String(UInt128.random(in: .min ... .max), radix: 16)
        return String(repeating: "0", count: 32 - digits.count) + digits
    }
}

/// An answer to whoever asked, best effort.
public struct Reply: Sendable {
    /// The queue to answer to, as the asker gave it.
    public let address: String
    /// What ties the answer to the question, as the asker gave it.
    public let correlationID: String?
    /// The answer's trace context.
    let traceparent: AMQPValue?
    /// The answer: a JSON object.
    public let body: [UInt8]
    /// What kind of answer it is.
    public let type: String

    /// The answer to a message, for nobody where that names no `reply_to`.
    /// - Parameter asked: the routing key of the question, where it was passed on under another.
    public static func to(_ question: Delivery, _ answer: some Encodable, asked: String? = nil) -> [Reply] {
        guard let address = question.message.replyTo, !address.isEmpty else { return [] }
        return [
            Reply(
                to: address, correlationID: question.message.correlationID,
                traceparent: question.traceparent, type: (asked ?? question.routingKey) + ".answer",
                body: JSON.encode(answer))
        ]
    }

    /// An answer to a remembered asker.
    public init(
        to address: String, correlationID: String?, traceparent: AMQPValue? = nil, type: String, body: [UInt8]
    ) {
        self.address = address
        self.correlationID = correlationID
        self.traceparent = traceparent
        self.type = type
        self.body = body
    }
}

/// What a handler says of a message.
public enum Verdict: Sendable {
    /// It took effect: publish these, then acknowledge it.
    case done([OutgoingMessage] = [], replies: [Reply] = [])
    /// It failed for a reason that may pass: try it again after the next delay.
    case tryLater(String)
    /// It can never succeed: into the dead letters, with one `snake_case` word and a text for people.
    case deadLetter(reason: String, detail: String)
}

/// Thrown by a handler whose dependency is away: the consumer waits for it, and no attempt is used up.
public struct DependencyAway: Error, CustomStringConvertible {
    /// The dependency, for logs and readiness, such as `PostgreSQL`.
    public let name: String
    /// What it failed with.
    public let reason: String

    /// - Parameters: as the properties of the same names say.
    public init(_ name: String, _ reason: any Error) {
        self.name = name
        self.reason = "\(reason)"
    }

    /// Name and reason.
    public var description: String { "\(name) is away: \(reason)" }
}
