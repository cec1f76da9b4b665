/// The event `candy.accounted`: the candies of a confirmed booking (contract, "Events").
public struct CandyAccounted: Event {
    /// `candy.accounted`.
    public private(set) var event = RoutingKey.candyAccounted
    /// See ``EventID``.
    public let eventID: String
    /// That of the confirmation, so that accounting it again makes the same bytes.
    public let occurredAt: Timestamp
    /// Grows with every stored request.
    public let bookingNumber: Int
    /// The request.
    public let requestID: String
    /// In NFC.
    public let destination: String
    /// How many candies.
    public let count: Int
    /// What they cost, in minor units.
    public let cost: Int
    /// When the booking was confirmed, to whose day the figures belong.
    public let confirmedAt: Timestamp
    /// ISO 4217.
    public let currency: String

    /// The candies of a booking that was confirmed at `confirmedAt`.
    public init(
        requestID: String, bookingNumber: Int, destination: String, count: Int, cost: Int, confirmedAt: Timestamp
    ) {
        eventID = EventID.of(requestID, .candy)
        occurredAt = confirmedAt
        self.bookingNumber = bookingNumber
        self.requestID = requestID
        self.destination = destination
        self.count = count
        self.cost = cost
        self.confirmedAt = confirmedAt
        currency = Contract.currency
    }

    /// Whether both figures are within ``Contract/amounts``.
    public var isInRange: Bool { Contract.amounts.contains(count) && Contract.amounts.contains(cost) }

    /// Throws for a field that is missing or of another type.
    public init(from decoder: any Decoder) throws {
        let members = try JSONMembers(decoder, keyedBy: CodingKeys.self)
        event = try members[.event]
        eventID = try members[.eventID]
        occurredAt = try members[.occurredAt]
        bookingNumber = try members[.bookingNumber]
        requestID = try members[.requestID]
        destination = try members[.destination]
        count = try members[.count]
        cost = try members[.cost]
        confirmedAt = try members[.confirmedAt]
        currency = try members[.currency]
    }

    private enum CodingKeys: String, CodingKey {
        case event
        case eventID = "event_id"
        case occurredAt = "occurred_at"
        case bookingNumber = "booking_number"
        case requestID = "request_id"
        case destination
        case count
        case cost
        case confirmedAt = "confirmed_at"
        case currency
    }
}
