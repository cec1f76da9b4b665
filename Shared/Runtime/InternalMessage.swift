import AMQP
import Contract

extension OutgoingMessage {
    /// A message between our services that is no event: published again it may say something else, so that its id is
    /// random.
    /// - Parameters:
    ///   - routingKey: its routing key on the exchange `bookings`, and its type.
    ///   - contents: its body.
    ///   - cause: the message that led to it, where there was one.
    ///   - replyTo: the queue that an answer goes to, where one is wanted.
    public static func between(
        services routingKey: String, _ contents: some Encodable, causedBy cause: Delivery?, replyTo: String? = nil
    ) -> OutgoingMessage {
        var message = AMQPMessage(body: JSON.encode(contents))
        message.contentType = "application/json"
        message.type = routingKey
        message.messageID = MessageID.random()
        message.timestamp = UInt64(max(0, Timestamp.now.milliseconds / 1000))
        message.correlationID = cause?.message.correlationID
        message.replyTo = replyTo
        message.headers["traceparent"] = cause?.traceparent
        return OutgoingMessage(to: Exchange.bookings, routingKey: routingKey, message: message)
    }
}
