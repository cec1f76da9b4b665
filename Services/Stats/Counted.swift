import Contract
import Runtime

/// What one message brings: the change of an event, or those of a replayed part.
struct Counted: Sendable {
    let changes: [Change]
    /// The generation in which it counts; nil for an event, which counts in any.
    let generation: Int?

    /// Reads a message of the queue ``QueueName/figures``.
    init(_ delivery: Delivery, _ calendar: Calendar) throws(Unreadable) {
        switch delivery.routingKey {
        case RoutingKey.candyAccounted:
            changes = [Change(try JSON.decode(CandyAccounted.self, from: delivery.body), calendar)]
            generation = nil
        case RoutingKey.bookingReplayed:
            let replayed = try BookingsReplayed.read(delivery.body)
            changes = replayed.outcomes.map { Change($0, calendar) } + [Change(endOf: replayed.part, "bookings")]
            generation = replayed.generation
        case RoutingKey.candyReplayed:
            let replayed = try CandiesReplayed.read(delivery.body)
            changes = replayed.candies.map { Change($0, calendar) } + [Change(endOf: replayed.part, "candies")]
            generation = replayed.generation
        default:
            changes = [Change(try JSON.decode(BookingOutcome.self, from: delivery.body), calendar)]
            generation = nil
        }
    }
}
