/// The answer to `query.report` (contract, "Queries"): figures of confirmed bookings that are not cancelled.
///
/// Amounts are in minor units of ``currency``; no figure is ever negative.
public struct Report: Codable, Sendable, Equatable {
    /// The candies of the bookings.
    public struct Candies: Codable, Sendable, Equatable {
        /// How many.
        public var count: Int
        /// What they cost.
        public var cost: Int

        /// So many at such a cost.
        public init(count: Int = 0, cost: Int = 0) {
            self.count = count
            self.cost = cost
        }
    }

    /// The figures of one destination.
    public struct Line: Codable, Sendable, Equatable {
        /// Its name, in NFC.
        public var destination: String
        /// How many bookings.
        public var bookings: Int
        /// The sum of their total prices.
        public var collected: Int
        /// The sum of their tax and pet_tax.
        public var tax: Int

        /// The figures of `destination`.
        public init(destination: String, bookings: Int = 0, collected: Int = 0, tax: Int = 0) {
            self.destination = destination
            self.bookings = bookings
            self.collected = collected
            self.tax = tax
        }
    }

    /// How many bookings are confirmed and not cancelled.
    public var bookingsConfirmed = 0
    /// How many requests were rejected, those of `invalid_request` included.
    public var bookingsRejected = 0
    /// How many bookings were cancelled.
    public var bookingsCancelled = 0
    /// The sum of the total prices.
    public var totalCollected = 0
    /// The sum of tax and pet_tax.
    public var taxCollected = 0
    /// The sum of the discounts.
    public var discounts = 0
    /// How many bookings are with a pet.
    public var pets = 0
    /// How many passengers are infants (``Infant``).
    public var infants = 0
    /// How many bookings are with the promotion.
    public var promotions = 0
    /// The candies.
    public var candies = Candies()
    /// The sum of the loyalty points.
    public var loyaltyPoints = 0
    /// How many customers there are; nil, and then absent, in a filtered report.
    public var customers: Int?
    /// The destination with the most bookings; nil is null where there are ``customers``, else absent.
    public var preferredDestination: String?
    /// By bookings, most first, then by name.
    public var destinations: [Line] = []
    /// ISO 4217.
    public var currency = Contract.currency
    /// True while the figures are being rebuilt; else absent.
    public var rebuilding: Bool?

    /// A report of nothing yet.
    public init() {}

    /// By bookings, most first, then by name in the order of code points.
    public mutating func sortDestinations() {
        destinations.sort { left, right in
            left.bookings != right.bookings
                ? left.bookings > right.bookings
                : left.destination.utf8.lexicographicallyPrecedes(right.destination.utf8)
        }
    }

    private enum CodingKeys: String, CodingKey {
        case bookingsConfirmed = "bookings_confirmed"
        case bookingsRejected = "bookings_rejected"
        case bookingsCancelled = "bookings_cancelled"
        case totalCollected = "total_collected"
        case taxCollected = "tax_collected"
        case discounts
        case pets
        case infants
        case promotions
        case candies
        case loyaltyPoints = "loyalty_points"
        case customers
        case preferredDestination = "preferred_destination"
        case destinations
        case currency
        case rebuilding
    }

    /// Encodes `preferred_destination` as null where the synthesised method would leave it out.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(bookingsConfirmed, forKey: .bookingsConfirmed)
        try container.encode(bookingsRejected, forKey: .bookingsRejected)
        try container.encode(bookingsCancelled, forKey: .bookingsCancelled)
        try container.encode(totalCollected, forKey: .totalCollected)
        try container.encode(taxCollected, forKey: .taxCollected)
        try container.encode(discounts, forKey: .discounts)
        try container.encode(pets, forKey: .pets)
        try container.encode(infants, forKey: .infants)
        try container.encode(promotions, forKey: .promotions)
        try container.encode(candies, forKey: .candies)
        try container.encode(loyaltyPoints, forKey: .loyaltyPoints)
        if let customers {
            try container.encode(customers, forKey: .customers)
            try container.encode(preferredDestination, forKey: .preferredDestination)
        }
        try container.encode(destinations, forKey: .destinations)
        try container.encode(currency, forKey: .currency)
        try container.encodeIfPresent(rebuilding, forKey: .rebuilding)
    }
}
