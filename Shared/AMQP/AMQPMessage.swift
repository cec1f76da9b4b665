/// A value in a message's headers or a declaration's arguments.
public enum AMQPValue: Sendable, Equatable {
    /// A Boolean.
    case bool(Bool)
    /// An integer of any width.
    case int(Int64)
    /// A floating-point number of either width.
    case double(Double)
    /// Text.
    case text(String)
    /// Bytes that are not said to be text.
    case bytes([UInt8])
    /// Seconds since 1970.
    case timestamp(UInt64)
    /// A decimal number: `value` divided by ten to the power of `scale`.
    case decimal(scale: UInt8, value: UInt32)
    /// A table of named values.
    case table(AMQPTable)
    /// A list of values.
    case array([AMQPValue])
    /// Nothing.
    case void

    /// The text, where it is one.
    public var text: String? {
        if case .text(let text) = self { text } else { nil }
    }

    /// The integer, where it is one.
    public var int: Int? {
        if case .int(let value) = self { Int(value) } else { nil }
    }
}

/// Named values: a message's headers, or a declaration's arguments.
public typealias AMQPTable = [String: AMQPValue]

/// A message: its body and the properties of AMQP's basic class that have a meaning here.
public struct AMQPMessage: Sendable, Equatable {
    /// The payload.
    public var body: [UInt8]
    /// The body's media type.
    public var contentType: String?
    /// The body's encoding, such as `gzip`.
    public var contentEncoding: String?
    /// Headers.
    public var headers: AMQPTable = [:]
    /// Whether the broker keeps it on disk (delivery mode 2).
    public var isPersistent = true
    /// 0 to 9; quorum queues ignore it.
    public var priority: UInt8?
    /// What ties an answer to its question.
    public var correlationID: String?
    /// The queue that an answer goes to.
    public var replyTo: String?
    /// The message's identity for whoever publishes it.
    public var messageID: String?
    /// When it was published, in seconds since 1970.
    public var timestamp: UInt64?
    /// What kind of message it is.
    public var type: String?
    /// The program that published it.
    public var appID: String?
    /// Milliseconds after which the broker may drop it, as the sender wrote them: read, and never published again, since
    /// what we took charge of is not to expire.
    public var expiration: String?
    /// The login of the sender, which the broker has checked: read, and never published again, since it is not ours.
    public var userID: String?

    /// A persistent message with `body` and no properties.
    public init(body: [UInt8] = []) { self.body = body }
}

/// A message as it arrived at a consumer. A class, because it passes through many hands and has many parts.
public final class AMQPDelivery: Sendable {
    /// The channel it came on.
    public let channel: UInt16
    /// Its number on that channel, from 1 on; acknowledgements name it.
    public let tag: UInt64
    /// Whether it was delivered before, to anyone.
    public let isRedelivered: Bool
    /// The exchange it was published to.
    public let exchange: String
    /// The routing key it was published with.
    public let routingKey: String
    /// The message.
    public let message: AMQPMessage

    /// - Parameters: as the properties of the same names say.
    public init(
        channel: UInt16, tag: UInt64, isRedelivered: Bool, exchange: String, routingKey: String, message: AMQPMessage
    ) {
        self.channel = channel
        self.tag = tag
        self.isRedelivered = isRedelivered
        self.exchange = exchange
        self.routingKey = routingKey
        self.message = message
    }
}

/// Something that the broker sent of its own accord.
public enum AMQPIncoming: Sendable {
    /// A message for a consumer, or for ``AMQPConnection/get(_:channel:)``.
    case delivery(AMQPDelivery)
    /// The queue that ``AMQPConnection/get(_:channel:)`` asked has no message ready.
    case empty
    /// The broker has taken charge of the message published with this number (and all before it, where `multiple`).
    case confirmed(tag: UInt64, multiple: Bool)
    /// The broker could not take the message published with this number (and all before it, where `multiple`).
    case refused(tag: UInt64, multiple: Bool)
    /// A mandatory message that no queue is bound for; its confirm follows.
    case returned(exchange: String, routingKey: String, message: AMQPMessage, why: String)
    /// The broker ended a consumer, because its queue was deleted or lost its leader.
    case consumerCancelled(tag: String)
    /// An alarm: the broker reads nothing more that is published on this connection.
    case blocked(reason: String)
    /// The alarm is over.
    case unblocked
}
