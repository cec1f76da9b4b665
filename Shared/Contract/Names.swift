/// The routing keys of what travels through the exchanges; `type` of a message is its routing key too.
public enum RoutingKey {
    /// Command: book (``BookingRequest``).
    public static let bookingRequest = "booking.request"
    /// Command: cancel a booking (``BookingCancel``).
    public static let bookingCancel = "booking.cancel"
    /// Command: register or change a destination (``DestinationSet``).
    public static let destinationSet = "destination.set"
    /// Command: register or change a flight (``FlightSchedule``).
    public static let flightSchedule = "flight.schedule"

    /// Query: one booking (``BookingQuery``).
    public static let queryBooking = "query.booking"
    /// Query: one destination (``DestinationQuery``).
    public static let queryDestination = "query.destination"
    /// Query: every destination; its body is `{}`.
    public static let queryDestinations = "query.destinations"
    /// Query: one flight (``FlightQuery``).
    public static let queryFlight = "query.flight"
    /// Query: what a booking would cost (``QuoteRequest``).
    public static let queryQuote = "query.quote"
    /// Query: the figures (``ReportQuery``).
    public static let queryReport = "query.report"
    /// Query: one customer (``CustomerQuery``).
    public static let queryCustomer = "query.customer"
    /// Query: how much is settled (``SettledQuery``).
    public static let querySettled = "query.settled"

    /// Event: a request is stored and pending (``BookingAccepted``).
    public static let bookingAccepted = "booking.accepted"
    /// Event: an accepted request has its price (``BookingPriced``).
    public static let bookingPriced = "booking.priced"
    /// Event: a booking's final outcome (``BookingOutcome``).
    public static let bookingConfirmed = "booking.confirmed"
    /// Event: a booking's final outcome (``BookingOutcome``).
    public static let bookingRejected = "booking.rejected"
    /// Event: a confirmed booking is cancelled (``BookingOutcome``).
    public static let bookingCancelled = "booking.cancelled"
    /// Event: the candies of a confirmed booking (``CandyAccounted``).
    public static let candyAccounted = "candy.accounted"
    /// Event: the points of a confirmed booking (``LoyaltyAwarded``).
    public static let loyaltyAwarded = "loyalty.awarded"
    /// Event: a dead letter came of a kind of which none is unresolved (``LetterGroupOpened``).
    public static let letterGroupOpened = "dead-letter.group.opened"
    /// Event: an e-mail address has its first confirmed booking (``CustomerRegistered``).
    public static let customerRegistered = "customer.registered"

    /// A further routing key of `booking.confirmed`, by which candy-accounting gets those of children only.
    /// - Parameter age: the passenger's.
    public static func confirmed(age: Int) -> String { "age.\(age)" }

    /// From booking-intake to stats and candy-accounting: how much is settled (``FiguresCheckpoint``).
    public static let figuresSettled = "figures.settled"
    /// From candy-accounting to stats: the same, and who of those gets candies.
    public static let figuresCheckpoint = "figures.checkpoint"
    /// From stats to booking-intake: what to replay (``FiguresReplay``).
    public static let figuresReplay = "figures.replay"
    /// From booking-intake to stats and candy-accounting: bookings once more (``BookingsReplayed``).
    public static let bookingReplayed = "booking.replayed"
    /// From candy-accounting to stats: candies once more (``CandiesReplayed``).
    public static let candyReplayed = "candy.replayed"
}

/// The exchanges (contract, "Broker").
public enum Exchange {
    /// Topic: commands, queries and events, by routing key.
    public static let bookings = "bookings"
    /// Fanout: every final outcome and cancellation.
    public static let bookingNotifications = "booking_notifications"
    /// Direct: the confirmations of `booking_notifications`, by ``RoutingKey/confirmed(age:)``.
    public static let confirmationsByAge = "confirmations_by_age"
    /// Fanout: `customer.registered`.
    public static let customerEvents = "customer_events"
    /// Topic: what could not be processed; the routing key is the queue it came from.
    public static let deadLetters = "dead-letters"
}
