import AMQP
import Contract
import FoundationEssentials

/// A message to hand over to the broker.
public struct ClientMessage: Sendable {
    /// The exchange; empty for the default exchange, which routes to the queue that the routing key names.
    public var exchange: String
    /// The routing key; it is the message's `type` too.
    public var routingKey: String
    /// The body; a JSON object unless it is to become a dead letter.
    public var body: [UInt8]
    /// Stays the same however often the message is published; at most 255 bytes.
    public var messageID: String
    /// What ties answers and events to it; at most 255 bytes.
    public var correlationID: String?
    /// Headers.
    public var headers: AMQPTable = [:]
    /// A message to be published as it is, whatever the other properties say.
    private var whole: AMQPMessage?

    /// A message for the exchange `bookings`, with a new id unless one is given.
    public init(
        _ routingKey: String, _ body: [UInt8], to exchange: String = Exchange.bookings, messageID: String? = nil,
        correlationID: String? = nil, headers: AMQPTable = [:]
    ) {
        self.exchange = exchange
        self.routingKey = routingKey
        self.body = body
        self.messageID = messageID ?? UUID().uuidString.lowercased()
        self.correlationID = correlationID
        self.headers = headers
    }

    /// Somebody else's message, to be published as it is.
    public init(_ message: AMQPMessage, to exchange: String, routingKey: String) {
        self.init(
            routingKey, message.body, to: exchange, messageID: message.messageID, correlationID: message.correlationID,
            headers: message.headers)
        whole = message
    }

    /// What AMQP has no room for, or `nil`.
    var problem: String? {
        let texts = [
            ("exchange", exchange), ("routing key", routingKey), ("message id", messageID),
            ("correlation id", correlationID ?? ""),
        ]
        return texts.first { $0.1.utf8.count > 255 }.map { "its \($0.0) is longer than 255 bytes" }
    }

    /// As it is published: persistent, and the same each time.
    func amqp(appID: String, replyTo: String?) -> AMQPMessage {
        if let whole { return whole }
        var message = AMQPMessage(body: body)
        message.contentType = "application/json"
        message.headers = headers
        message.correlationID = correlationID
        message.replyTo = replyTo
        message.messageID = messageID
        message.timestamp = UInt64(max(0, Timestamp.now.milliseconds / 1000))
        message.type = routingKey
        message.appID = appID
        return message
    }
}
