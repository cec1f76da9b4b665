import AMQP
import Contract

/// The queues of the six services, by name.
public enum QueueName {
    /// `booking.request` and `booking.cancel`, for booking-intake: one queue, so that a cancellation waits behind its
    /// request however long the backlog is.
    public static let requests = "booking-intake.requests"
    /// `booking.priced`, for booking-intake.
    public static let prices = "booking-intake.prices"
    /// `destination.set` and `flight.schedule`, for booking-intake.
    public static let changes = "booking-intake.changes"
    /// Queries that the database answers, and `query.quote`, which gets its fare there.
    public static let intakeQueries = "booking-intake.queries"
    /// `figures.replay`, for booking-intake.
    public static let replays = "booking-intake.replays"
    /// `booking.accepted`, for pricing.
    public static let accepted = "pricing.bookings"
    /// Quotes that have their fare, for pricing.
    public static let quotes = "pricing.quotes"
    /// Outcomes, for candy-accounting.
    public static let candies = "candy-accounting.outcomes"
    /// `figures.settled`, for candy-accounting.
    public static let settled = "candy-accounting.checkpoints"
    /// Outcomes and candies, for stats.
    public static let figures = "stats.events"
    /// `query.report`, for stats.
    public static let reports = "stats.queries"
    /// `figures.settled` and `figures.checkpoint`, for stats.
    public static let checkpoints = "stats.checkpoints"
    /// Outcomes, for notifier.
    public static let notifications = "notifier.outcomes"
    /// What could not be processed, for dead-letter.
    public static let deadLetters = "dead-letters"
    /// The stream that says in which stream dead-letter keeps what it received, and what was done with it: one with another
    /// word behind this name.
    public static let deadLetterStore = "dead-letter.store"
    /// Questions and commands about dead letters, for dead-letter.
    public static let letterOperations = "dead-letter.operations"
    /// The next step of each running replay, for dead-letter.
    public static let letterReplays = "dead-letter.replays"

    /// Where messages wait that have come back from a queue's consumers too often, to be handled one at a time.
    public static func quarantine(of queue: String) -> String { queue + ".quarantine" }
}

/// The exchanges, queues and bindings that every service declares, or looks for where an operator declares them.
public struct Topology: Sendable {
    /// An exchange: its name and type.
    public struct DeclaredExchange: Sendable {
        /// Its name.
        public let name: String
        /// `topic` or `fanout`.
        public let type: String
    }
    /// A queue: its name and declaration arguments.
    public struct DeclaredQueue: Sendable {
        /// Its name.
        public let name: String
        /// The arguments that it is declared with.
        public let arguments: AMQPTable
    }
    /// A binding: messages published to `exchange` with a key that matches `routingKey` reach `destination`.
    public struct Binding: Sendable {
        /// The exchange's name.
        public let exchange: String
        /// The name of a queue, or of another exchange.
        public let destination: String
        /// A routing key; `*` stands for one word and `#` for any number.
        public let routingKey: String
        /// Whether the destination is an exchange.
        public var isToExchange = false
    }

    /// Exchanges, to be declared first.
    public let exchanges: [DeclaredExchange]
    /// Queues, to be declared next.
    public let queues: [DeclaredQueue]
    /// Bindings, to be declared last.
    public let bindings: [Binding]
    /// The routing keys of the exchange `bookings` for which each queue is bound.
    let keys: [String: Set<String>]
    /// Whether an operator declares it all, and the services only look whether it is there.
    public let isOperators: Bool

    /// Milliseconds that a query waits to be answered.
    public static let queryTimeToLive = 30_000

    /// The project's topology.
    /// - Parameters:
    ///   - ladder: the delays of retries, each of which is a queue.
    ///   - candyMaxAge: passengers younger than this get candies.
    ///   - isOperators: whether an operator declares it all.
    public init(
        ladder: RetryLadder, candyMaxAge: Int = Settings.defaultCandyMaxAge, isOperators: Bool = false
    ) {
        self.isOperators = isOperators
        exchanges =
            [
                DeclaredExchange(name: Exchange.bookings, type: "topic"),
                DeclaredExchange(name: Exchange.bookingNotifications, type: "fanout"),
                DeclaredExchange(name: Exchange.confirmationsByAge, type: "direct"),
                DeclaredExchange(name: Exchange.customerEvents, type: "fanout"),
                DeclaredExchange(name: Exchange.deadLetters, type: "topic"),
            ] + ladder.rungs.map { DeclaredExchange(name: $0.name, type: "fanout") }
        queues = Self.workQueues + Self.queryQueues + ladder.rungs.map(Self.queue)
        bindings =
            Self.serviceBindings + Self.childrensBindings(max(candyMaxAge, Settings.defaultCandyMaxAge))
            + ladder.rungs.map { Binding(exchange: $0.name, destination: $0.name, routingKey: "") }
        keys = bindings.filter { $0.exchange == Exchange.bookings }.reduce(into: [:]) { keys, binding in
            keys[binding.destination, default: []].insert(binding.routingKey)
        }
    }

    private static let quorum: AMQPTable = ["x-queue-type": .text("quorum")]

    /// The queues of which no message may be lost, whatever it does to its consumer: each has a quarantine.
    private static let guardedQueues = [
        QueueName.requests, QueueName.prices, QueueName.changes, QueueName.accepted, QueueName.candies,
        QueueName.figures, QueueName.notifications, QueueName.settled, QueueName.checkpoints,
        QueueName.replays,
    ]

    private static let workQueues: [DeclaredQueue] =
        (guardedQueues + guardedQueues.map(QueueName.quarantine) + [QueueName.deadLetters, QueueName.letterReplays])
        .map { DeclaredQueue(name: $0, arguments: quorum) }
        + [DeclaredQueue(name: QueueName.deadLetterStore, arguments: ["x-queue-type": .text("stream")])]

    private static let queryQueues: [DeclaredQueue] =
        [QueueName.intakeQueries, QueueName.quotes, QueueName.reports, QueueName.letterOperations].map {
            DeclaredQueue(name: $0, arguments: quorum.merging(["x-message-ttl": .int(Int64(queryTimeToLive))]) { $1 })
        }

    /// A rung holds a message for its delay and then hands it back to the queue that is the message's routing key;
    /// at-least-once, so that nothing is lost on the way (it needs `reject-publish`).
    private static func queue(of rung: RetryLadder.Rung) -> DeclaredQueue {
        DeclaredQueue(
            name: rung.name,
            arguments: quorum.merging([
                "x-message-ttl": .int(Int64(rung.milliseconds)),
                "x-dead-letter-exchange": .text(""),
                "x-dead-letter-strategy": .text("at-least-once"),
                "x-overflow": .text("reject-publish"),
            ]) { $1 })
    }

    private static let serviceBindings: [Binding] =
        [
            (RoutingKey.bookingRequest, QueueName.requests),
            (RoutingKey.bookingPriced, QueueName.prices),
            (RoutingKey.bookingCancel, QueueName.requests),
            (RoutingKey.destinationSet, QueueName.changes),
            (RoutingKey.flightSchedule, QueueName.changes),
            (RoutingKey.queryBooking, QueueName.intakeQueries),
            (RoutingKey.queryDestination, QueueName.intakeQueries),
            (RoutingKey.queryDestinations, QueueName.intakeQueries),
            (RoutingKey.queryFlight, QueueName.intakeQueries),
            (RoutingKey.queryCustomer, QueueName.intakeQueries),
            (RoutingKey.queryQuote, QueueName.intakeQueries),
            (RoutingKey.bookingAccepted, QueueName.accepted),
            (RoutingKey.quoteFared, QueueName.quotes),
            (RoutingKey.querySettled, QueueName.intakeQueries),
            (RoutingKey.candyAccounted, QueueName.figures),
            (RoutingKey.figuresSettled, QueueName.settled),
            (RoutingKey.figuresSettled, QueueName.checkpoints),
            (RoutingKey.figuresCheckpoint, QueueName.checkpoints),
            (RoutingKey.figuresReplay, QueueName.replays),
            (RoutingKey.bookingReplayed, QueueName.figures),
            (RoutingKey.bookingReplayed, QueueName.candies),
            (RoutingKey.candyReplayed, QueueName.figures),
            (RoutingKey.queryReport, QueueName.reports),
        ].map { Binding(exchange: Exchange.bookings, destination: $0.1, routingKey: $0.0) }
        + LetterOperation.allCases.map {
            Binding(exchange: Exchange.bookings, destination: QueueName.letterOperations, routingKey: $0.routingKey)
        }
        + [QueueName.figures, QueueName.notifications].map {
            Binding(exchange: Exchange.bookingNotifications, destination: $0, routingKey: "")
        }
        + [
            Binding(exchange: Exchange.customerEvents, destination: QueueName.notifications, routingKey: ""),
            Binding(exchange: Exchange.deadLetters, destination: QueueName.deadLetters, routingKey: "#"),
        ]

    /// Only children's confirmations reach candy-accounting: a queue less to write to for all others. Every service binds
    /// it for the default age, and candy-accounting, whose setting it is, for more where that is higher.
    private static func childrensBindings(_ maximumAge: Int) -> [Binding] {
        [
            Binding(
                exchange: Exchange.bookingNotifications, destination: Exchange.confirmationsByAge, routingKey: "",
                isToExchange: true)
        ]
            + (0..<maximumAge).map {
                Binding(
                    exchange: Exchange.confirmationsByAge, destination: QueueName.candies,
                    routingKey: RoutingKey.confirmed(age: $0))
            }
    }

    /// Declares all of it, where what is there already is left as it is; or looks whether an operator has.
    /// - Throws: ``AMQPError`` if the connection fails, something of the same name is declared otherwise (406), or what
    ///   an operator should have declared is missing (404). Bindings and arguments can't be looked for.
    public func declare(on connection: inout AMQPConnection, channel: UInt16) throws(AMQPError) {
        for exchange in exchanges {
            try orMissing("exchange", exchange.name) { () throws(AMQPError) in
                try connection.declareExchange(
                    exchange.name, type: exchange.type, isPassive: isOperators, channel: channel)
            }
        }
        for queue in queues { _ = try declare(queue, on: &connection, channel: channel) }
        for binding in bindings where !isOperators {
            let (name, source, key) = (binding.destination, binding.exchange, binding.routingKey)
            if binding.isToExchange {
                try connection.bind(exchange: name, to: source, routingKey: key, channel: channel)
            } else {
                try connection.bind(queue: name, to: source, routingKey: key, channel: channel)
            }
        }
    }

    /// The number of messages that wait in a queue; `nil` if it is none of ours.
    func waiting(
        in queue: String, on connection: inout AMQPConnection, channel: UInt16
    ) throws(AMQPError) -> Int? {
        guard let declared = queues.first(where: { $0.name == queue }) else { return nil }
        return try declare(declared, on: &connection, channel: channel)
    }

    private func declare(
        _ queue: DeclaredQueue, on connection: inout AMQPConnection, channel: UInt16
    ) throws(AMQPError) -> Int {
        try orMissing("queue", queue.name) { () throws(AMQPError) in
            try connection.declareQueue(
                queue.name, isPassive: isOperators, arguments: queue.arguments, channel: channel
            ).messages
        }
    }

    /// Says of what an operator should have declared what it is that is missing.
    private func orMissing<T>(
        _ kind: String, _ name: String, _ body: () throws(AMQPError) -> T
    ) throws(AMQPError) -> T {
        do { return try body() } catch  where isOperators && error.code == .server(404) {
            throw AMQPError(
                error.code,
                "the \(kind) '\(name)' is missing, and AMQP_TOPOLOGY=check leaves it to the operator to declare it")
        }
    }

    /// Whether a queue has a quarantine, and its dead letters can be replayed. The dead letters have none: there is nowhere
    /// else for them to go.
    public static func isGuarded(_ queue: String) -> Bool { guardedQueues.contains(queue) }

    /// Whether `name` is a queue of ours, to which nobody is answered.
    func owns(queue name: String) -> Bool { queues.contains { $0.name == name } }
}

extension RoutingKey {
    /// Between booking-intake and pricing: a quote that has its destination's fare and taxes.
    public static let quoteFared = "quote.fared"
}
