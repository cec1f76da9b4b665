/// The event `booking.accepted`: the request is stored and pending, its seat taken (contract, "Events").
///
/// It carries what pricing needs and nothing of the passenger.
public struct BookingAccepted: Event {
    /// `booking.accepted`.
    public private(set) var event = RoutingKey.bookingAccepted
    /// See ``EventID``.
    public let eventID: String
    /// When the request was accepted.
    public let occurredAt: Timestamp
    /// Grows with every stored request.
    public let bookingNumber: Int
    /// The request.
    public let requestID: String
    /// In NFC.
    public let destination: String
    /// Whether a pet comes along.
    public let hasPet: Bool
    /// Whether the promotion applies.
    public let hasPromotion: Bool
    /// The fare in force at the acceptance, in minor units.
    public let baseFare: Int
    /// The tax in force at the acceptance, in minor units.
    public let tax: Int
    /// The tax on the pet in force at the acceptance, in minor units; 0 without a pet.
    public let petTax: Int
    /// ISO 4217.
    public let currency: String

    /// The acceptance of a request at the fare and taxes in force; `petTax` is dropped without a pet.
    public init(
        requestID: String, bookingNumber: Int, occurredAt: Timestamp, destination: String, hasPet: Bool,
        hasPromotion: Bool, baseFare: Int, tax: Int, petTax: Int
    ) {
        eventID = EventID.of(requestID, .accepted)
        self.occurredAt = occurredAt
        self.bookingNumber = bookingNumber
        self.requestID = requestID
        self.destination = destination
        self.hasPet = hasPet
        self.hasPromotion = hasPromotion
        self.baseFare = baseFare
        self.tax = tax
        self.petTax = hasPet ? petTax : 0
        currency = Contract.currency
    }

    /// What the accepted booking costs.
    public var price: Price {
        Price.of(baseFare: baseFare, tax: tax, petTax: petTax, hasPet: hasPet, hasPromotion: hasPromotion)
    }

    /// Whether every amount is within ``Contract/amounts``.
    public var isInRange: Bool { [baseFare, tax, petTax].allSatisfy(Contract.amounts.contains) }

    /// Throws for a field that is missing or of another type.
    public init(from decoder: any Decoder) throws {
        let members = try JSONMembers(decoder, keyedBy: CodingKeys.self)
        event = try members[.event]
        eventID = try members[.eventID]
        occurredAt = try members[.occurredAt]
        bookingNumber = try members[.bookingNumber]
        requestID = try members[.requestID]
        destination = try members[.destination]
        hasPet = try members[.hasPet]
        hasPromotion = try members[.hasPromotion]
        baseFare = try members[.baseFare]
        tax = try members[.tax]
        petTax = try members[.petTax]
        currency = try members[.currency]
    }

    private enum CodingKeys: String, CodingKey {
        case event
        case eventID = "event_id"
        case occurredAt = "occurred_at"
        case bookingNumber = "booking_number"
        case requestID = "request_id"
        case destination
        case hasPet = "has_pet"
        case hasPromotion = "has_promotion"
        case baseFare = "base_fare"
        case tax
        case petTax = "pet_tax"
        case currency
    }
}
