/// The event `booking.priced`: an accepted request has its price (contract, "Events").
public struct BookingPriced: Event {
    /// `booking.priced`.
    public private(set) var event = RoutingKey.bookingPriced
    /// See ``EventID``.
    public let eventID: String
    /// That of the acceptance, so that pricing it again makes the same bytes.
    public let occurredAt: Timestamp
    /// Grows with every stored request.
    public let bookingNumber: Int
    /// The request.
    public let requestID: String
    /// The fare, in minor units.
    public let baseFare: Int
    /// What the promotion takes off, in minor units.
    public let discount: Int
    /// The tax, in minor units.
    public let tax: Int
    /// The tax on the pet, in minor units; 0 without a pet.
    public let petTax: Int
    /// base_fare − discount + tax + pet_tax.
    public let totalPrice: Int
    /// ISO 4217.
    public let currency: String

    /// An accepted booking with its price.
    public init(_ accepted: BookingAccepted, price: Price) {
        eventID = EventID.of(accepted.requestID, .priced)
        occurredAt = accepted.occurredAt
        bookingNumber = accepted.bookingNumber
        requestID = accepted.requestID
        baseFare = price.baseFare
        discount = price.discount
        tax = price.tax
        petTax = price.petTax
        totalPrice = price.total
        currency = accepted.currency
    }

    /// Whether the amounts are possible and add up.
    public var isInRange: Bool {
        [baseFare, discount, tax, petTax].allSatisfy(Contract.amounts.contains)
            && totalPrice == baseFare - discount + tax + petTax && discount <= baseFare
    }

    /// Throws for a field that is missing or of another type.
    public init(from decoder: any Decoder) throws {
        let members = try JSONMembers(decoder, keyedBy: CodingKeys.self)
        event = try members[.event]
        eventID = try members[.eventID]
        occurredAt = try members[.occurredAt]
        bookingNumber = try members[.bookingNumber]
        requestID = try members[.requestID]
        baseFare = try members[.baseFare]
        discount = try members[.discount]
        tax = try members[.tax]
        petTax = try members[.petTax]
        totalPrice = try members[.totalPrice]
        currency = try members[.currency]
    }

    private enum CodingKeys: String, CodingKey {
        case event
        case eventID = "event_id"
        case occurredAt = "occurred_at"
        case bookingNumber = "booking_number"
        case requestID = "request_id"
        case baseFare = "base_fare"
        case discount
        case tax
        case petTax = "pet_tax"
        case totalPrice = "total_price"
        case currency
    }
}
