import AMQP
import Contract
import Foundation

/// A plain connection to the broker, for what no well-behaved client does.
public struct RawChannel: ~Copyable {
    private var connection: AMQPConnection

    /// Connects to a vhost.
    public init(_ url: String) throws {
        guard let address = try AMQPAddress.list(url).first else { throw TestFailure("no address") }
        let connection = try AMQPConnection(to: address, name: "tests-raw")
        try connection.openChannel(1)
        self.connection = connection
    }

    /// Publishes a message as it is.
    public mutating func publish(
        _ body: [UInt8], to exchange: String = "bookings", key: String, replyTo: String? = nil,
        correlationID: String? = nil, headers: AMQPTable = [:]
    ) throws {
        var message = AMQPMessage(body: body)
        message.replyTo = replyTo
        message.correlationID = correlationID
        message.messageID = UUID().uuidString
        message.headers = headers
        try connection.publish(message, to: exchange, routingKey: key, isMandatory: false, channel: 1)
    }

    /// Publishes a message with the properties it has, and none besides.
    public mutating func publish(_ message: AMQPMessage, to exchange: String, key: String) throws {
        try connection.publish(message, to: exchange, routingKey: key, isMandatory: false, channel: 1)
    }

    /// Declares a queue that outlives the broker's restarts, binds it and consumes it from now on.
    /// - Parameter expires: how long the broker keeps it while nobody consumes it; forever unless given.
    public mutating func listen(
        _ queue: String, to exchange: String? = nil, key: String = "", expires: Duration? = nil
    ) throws {
        var arguments: AMQPTable = ["x-queue-type": .text("quorum")]
        if let expires { arguments["x-expires"] = .int(Int64(expires / .milliseconds(1))) }
        try connection.declareQueue(queue, arguments: arguments, channel: 1)
        if let exchange { try connection.bind(queue: queue, to: exchange, routingKey: key, channel: 1) }
        try connection.consume(queue, prefetch: 500, channel: 1)
    }

    /// Consumes a queue that is there, one message ahead.
    public mutating func consume(_ queue: String) throws { try connection.consume(queue, prefetch: 1, channel: 1) }

    /// The number of messages that wait in a queue that is declared with these arguments, or is declared now.
    public mutating func waiting(in queue: String, arguments: AMQPTable) throws -> Int {
        try connection.declareQueue(queue, arguments: arguments, channel: 1).messages
    }

    /// Keeps the connection alive, where nothing else is done with it; what arrives is kept from others and forgotten.
    public mutating func hold() throws { while try connection.next() != nil {} }

    /// Ends the connection.
    public consuming func close() { connection.close() }

    /// Takes what arrives, until `count` messages have come or nothing has for `seconds`.
    /// - Throws: when the connection is lost, or the broker ends a consumer.
    public mutating func take(_ count: Int, within seconds: Double = 60) throws -> [AMQPDelivery] {
        var deliveries: [AMQPDelivery] = []
        var end = ContinuousClock.now + .seconds(seconds)
        while deliveries.count < count, ContinuousClock.now < end {
            guard let incoming = try connection.next() else {
                usleep(5_000)
                continue
            }
            switch incoming {
            case .delivery(let delivery):
                deliveries.append(delivery)
                try connection.acknowledge(delivery.tag, multiple: false, channel: 1)
                end = ContinuousClock.now + .seconds(seconds)
            case .consumerCancelled(let tag): throw TestFailure("the broker ended the consumer \(tag)")
            default: break
            }
        }
        return deliveries
    }
}
