/// Between booking-intake and pricing: a quote's question with the fare and taxes of its destination.
public struct QuoteFared: Codable, Sendable, Equatable {
    /// The destination's name.
    public let destination: String
    /// Whether a pet flies along.
    public let hasPet: Bool
    /// Whether the promotion applies.
    public let hasPromotion: Bool
    /// In minor units.
    public let baseFare: Int
    /// In minor units.
    public let tax: Int
    /// In minor units, whether there is a pet or not.
    public let petTax: Int

    /// What `request` asks, with the fare and taxes in force.
    public init(_ request: QuoteRequest, _ fares: Destination) {
        destination = fares.destination
        hasPet = request.hasPet
        hasPromotion = request.hasPromotion
        baseFare = fares.baseFare
        tax = fares.tax
        petTax = fares.petTax
    }

    /// What such a booking costs.
    public var price: Price {
        Price.of(baseFare: baseFare, tax: tax, petTax: petTax, hasPet: hasPet, hasPromotion: hasPromotion)
    }

    private enum CodingKeys: String, CodingKey {
        case destination
        case hasPet = "has_pet"
        case hasPromotion = "has_promotion"
        case baseFare = "base_fare"
        case tax
        case petTax = "pet_tax"
    }
}
