/// The event `loyalty.awarded`: the points of a confirmed booking (contract, "Loyalty").
public struct LoyaltyAwarded: Event {
    /// `loyalty.awarded`.
    public private(set) var event = RoutingKey.loyaltyAwarded
    /// See ``EventID``.
    public let eventID: String
    /// When the booking was confirmed.
    public let occurredAt: Timestamp
    /// Grows with every stored request.
    public let bookingNumber: Int
    /// The request.
    public let requestID: String
    /// Whose points they are: the address, trimmed.
    public let email: String
    /// How many, those of a first booking included.
    public let points: Int

    /// The points of a booking.
    public init(requestID: String, bookingNumber: Int, occurredAt: Timestamp, email: String, points: Int) {
        eventID = EventID.of(requestID, .loyalty)
        self.occurredAt = occurredAt
        self.bookingNumber = bookingNumber
        self.requestID = requestID
        self.email = email
        self.points = points
    }

    /// Whether the points are a possible figure.
    public var isInRange: Bool { Contract.amounts.contains(points) }

    private enum CodingKeys: String, CodingKey {
        case event
        case eventID = "event_id"
        case occurredAt = "occurred_at"
        case bookingNumber = "booking_number"
        case requestID = "request_id"
        case email
        case points
    }
}

/// The event `customer.registered`: an address has its first confirmed booking (contract, "Broker" and "Loyalty").
public struct CustomerRegistered: Event {
    /// `customer.registered`.
    public private(set) var event = RoutingKey.customerRegistered
    /// See ``EventID``.
    public let eventID: String
    /// When the booking was confirmed.
    public let occurredAt: Timestamp
    /// The address, trimmed.
    public let email: String
    /// The passenger of that first booking.
    public let passengerName: String
    /// The request.
    public let requestID: String
    /// Grows with every stored request.
    public let bookingNumber: Int

    /// The registration with a first booking.
    public init(
        requestID: String, bookingNumber: Int, occurredAt: Timestamp, email: String, passengerName: String
    ) {
        eventID = EventID.of(requestID, .customer)
        self.occurredAt = occurredAt
        self.email = email
        self.passengerName = passengerName
        self.requestID = requestID
        self.bookingNumber = bookingNumber
    }

    /// It has no figures.
    public var isInRange: Bool { true }

    private enum CodingKeys: String, CodingKey {
        case event
        case eventID = "event_id"
        case occurredAt = "occurred_at"
        case email
        case passengerName = "passenger_name"
        case requestID = "request_id"
        case bookingNumber = "booking_number"
    }
}
