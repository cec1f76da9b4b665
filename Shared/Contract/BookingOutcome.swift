/// The events `booking.confirmed`, `booking.rejected` and `booking.cancelled` (contract, "Events").
///
/// It is also the answer to `query.booking`, to a twin and to a booking.request with `reply_to`. What a rejected
/// booking does not have is nil, and then left out.
public struct BookingOutcome: Event {
    /// What became of a booking.
    public enum Status: String, Codable, Sendable, CaseIterable {
        /// Final, until it is cancelled.
        case confirmed
        /// Final.
        case rejected
        /// Was confirmed.
        case cancelled
    }

    /// Why a booking was rejected, in the order in which the reasons are looked for.
    public enum Reason: String, Codable, Sendable, CaseIterable {
        /// The request breaks a rule; the problems say which.
        case invalidRequest = "invalid_request"
        /// The request came too late.
        case expired
        /// There is no such destination.
        case unknownDestination = "unknown_destination"
        /// There is no such flight.
        case unknownFlight = "unknown_flight"
        /// The flight goes elsewhere.
        case wrongDestination = "wrong_destination"
        /// The flight is gone.
        case flightDeparted = "flight_departed"
        /// No seat is free.
        case flightFull = "flight_full"
    }

    /// `booking.` and the status.
    public let event: String
    /// See ``EventID``.
    public let eventID: String
    /// When it was decided.
    public let occurredAt: Timestamp
    /// Grows with every stored request.
    public let bookingNumber: Int
    /// The request.
    public let requestID: String
    /// What became of it.
    public let status: Status
    /// Why it was rejected; only then.
    public var reason: Reason?
    /// What is wrong with the request; only with ``Reason/invalidRequest``.
    public var problems: [Problem]?
    /// Nil when invalid.
    public var passengerName: String?
    /// Whole years; nil when invalid.
    public var passengerAge: Int?
    /// Trimmed; nil when invalid.
    public var email: String?
    /// In NFC; nil when invalid.
    public var destination: String?
    /// Nil when invalid.
    public var hasPet: Bool?
    /// Nil when invalid.
    public var hasPromotion: Bool?
    /// In minor units; nil when rejected.
    public var baseFare: Int?
    /// In minor units; nil when rejected.
    public var discount: Int?
    /// In minor units; nil when rejected.
    public var tax: Int?
    /// In minor units, 0 without a pet; nil when rejected.
    public var petTax: Int?
    /// In minor units; nil when rejected.
    public var totalPrice: Int?
    /// ISO 4217; nil when rejected.
    public var currency: String?
    /// The points of the price, and the 500 of a first booking; nil when rejected.
    public var loyaltyPoints: Int?
    /// Whether it is the address' first confirmed booking; nil when rejected.
    public var firstBooking: Bool?
    /// When it was confirmed, whose day a cancellation reduces; only when cancelled.
    public var confirmedAt: Timestamp?

    /// An outcome without the fields that depend on it; set those that apply.
    public init(status: Status, requestID: String, bookingNumber: Int, occurredAt: Timestamp) {
        switch status {
        case .confirmed:
            event = RoutingKey.bookingConfirmed
            eventID = EventID.of(requestID, .confirmed)
        case .rejected:
            event = RoutingKey.bookingRejected
            eventID = EventID.of(requestID, .rejected)
        case .cancelled:
            event = RoutingKey.bookingCancelled
            eventID = EventID.of(requestID, .cancelled)
        }
        self.occurredAt = occurredAt
        self.bookingNumber = bookingNumber
        self.requestID = requestID
        self.status = status
    }

    /// Whether the amounts that are there are possible.
    public var isInRange: Bool {
        [baseFare, discount, tax, petTax, loyaltyPoints].allSatisfy { $0.map(Contract.amounts.contains) ?? true }
            && totalPrice.map { 0...3 * Contract.amounts.upperBound ~= $0 } ?? true
    }

    /// Throws for a field that is missing or of another type.
    public init(from decoder: any Decoder) throws {
        let members = try JSONMembers(decoder, keyedBy: CodingKeys.self)
        event = try members[.event]
        eventID = try members[.eventID]
        occurredAt = try members[.occurredAt]
        bookingNumber = try members[.bookingNumber]
        requestID = try members[.requestID]
        status = try members[.status]
        reason = try members[.reason]
        problems = try members[.problems]
        passengerName = try members[.passengerName]
        passengerAge = try members[.passengerAge]
        email = try members[.email]
        destination = try members[.destination]
        hasPet = try members[.hasPet]
        hasPromotion = try members[.hasPromotion]
        baseFare = try members[.baseFare]
        discount = try members[.discount]
        tax = try members[.tax]
        petTax = try members[.petTax]
        totalPrice = try members[.totalPrice]
        currency = try members[.currency]
        loyaltyPoints = try members[.loyaltyPoints]
        firstBooking = try members[.firstBooking]
        confirmedAt = try members[.confirmedAt]
    }

    private enum CodingKeys: String, CodingKey {
        case event
        case eventID = "event_id"
        case occurredAt = "occurred_at"
        case bookingNumber = "booking_number"
        case requestID = "request_id"
        case status
        case reason
        case problems
        case passengerName = "passenger_name"
        case passengerAge = "passenger_age"
        case email
        case destination
        case hasPet = "has_pet"
        case hasPromotion = "has_promotion"
        case baseFare = "base_fare"
        case discount
        case tax
        case petTax = "pet_tax"
        case totalPrice = "total_price"
        case currency
        case loyaltyPoints = "loyalty_points"
        case firstBooking = "first_booking"
        case confirmedAt = "confirmed_at"
    }
}
