import AMQP
import Contract
import Runtime

/// What the stream `dead-letter.store` says: which stream the letters are in.
///
/// Of several that are to follow the same one, the first that is on record as complete counts. That makes several replicas agree,
/// without a leader and whoever dies.
struct StoreRegister {
    /// The store; `nil` where there has been none.
    private(set) var current: Store?
    /// What is to become the store, or was to: on record before it is declared, so that it is found when its maker dies.
    private var begun: [Store] = []

    /// What an entry says of a stream.
    enum Kind: String { case begun, complete }

    private static let channel: UInt16 = 1
    /// The arguments of every store.
    private static let arguments: AMQPTable = ["x-queue-type": .text("stream")]

    /// Streams that are not needed: stores of former times, and what has not become one.
    var leftOver: [String] {
        begun.filter { $0.queue != current?.queue && $0.after != current?.queue }.map(\.queue)
    }

    /// Reads it to its end.
    /// - Parameters:
    ///   - kind: what is to be on record of the store that follows, which it is when this returns.
    ///   - broker: the nodes. Each reading has a connection of its own.
    static func read(
        noting kind: Kind? = nil, _ store: Store? = nil, at broker: [AMQPAddress]
    ) throws(AMQPError) -> StoreRegister {
        var connection = try connect(broker)
        if let kind, let store {
            var entry = AMQPMessage(body: JSON.encode(store))
            entry.type = kind.rawValue
            try publish(entry, on: &connection)
            CrashPoints.pass("\(kind.rawValue):letters")
        }
        var marker = AMQPMessage()
        marker.type = "marker"
        marker.messageID = MessageID.random()
        try publish(marker, on: &connection)
        try connection.consume(
            QueueName.deadLetterStore, prefetch: 1_000, channel: channel, arguments: ["x-stream-offset": .text("first")]
        )
        var register = StoreRegister()
        let deadline = ContinuousClock.now + .seconds(20)
        while let delivery = try connection.nextDelivery(on: channel, before: deadline) {
            if delivery.message.messageID == marker.messageID {
                connection.close()
                return register
            }
            try connection.acknowledge(delivery.tag, multiple: false, channel: channel)
            register.take(delivery.message)
        }
        throw AMQPError(.timedOut, "the end of \(QueueName.deadLetterStore) was not found")
    }

    private static func connect(_ broker: [AMQPAddress]) throws(AMQPError) -> AMQPConnection {
        let connection = try AMQPConnection.open(broker, name: "dead-letter register")
        try connection.openChannel(channel)
        return connection
    }

    private static func publish(_ message: AMQPMessage, on connection: inout AMQPConnection) throws(AMQPError) {
        try connection.publish(
            message, to: "", routingKey: QueueName.deadLetterStore, isMandatory: false, channel: channel)
    }

    private mutating func take(_ entry: AMQPMessage) {
        guard let kind = entry.type.flatMap(Kind.init), let store = try? JSON.decode(Store.self, from: entry.body)
        else { return }
        switch kind {
        case .begun: begun.append(store)
        case .complete: if store.after == current?.queue ?? "" { current = store }
        }
    }

    /// Makes a stream that is to follow another.
    static func begin(after queue: String, at broker: [AMQPAddress]) throws(AMQPError) -> Store {
        let store = Store(after: queue)
        _ = try read(noting: .begun, store, at: broker)
        var connection = try connect(broker)
        try connection.declareQueue(store.queue, arguments: arguments, channel: channel)
        connection.close()
        return store
    }

    /// Says that a stream has everything that it is to have.
    /// - Returns: the store, which is another where somebody was faster; then the stream is deleted.
    static func complete(_ store: Store, at broker: [AMQPAddress]) throws(AMQPError) -> Store? {
        let current = try read(noting: .complete, store, at: broker).current
        if current != store { try delete([store.queue], at: broker) }
        return current
    }

    /// Deletes streams, where they are there.
    static func delete(_ queues: [String], at broker: [AMQPAddress]) throws(AMQPError) {
        var connection = try connect(broker)
        for queue in queues { try connection.deleteQueue(queue, channel: channel) }
        connection.close()
    }
}
