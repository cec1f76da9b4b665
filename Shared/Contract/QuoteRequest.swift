/// The query `query.quote`: what a booking would cost (contract, "Queries").
///
/// Its body is a booking.request without request_id. Only the destination is needed; every other field a
/// booking.request has may be missing, and is checked by the same rules when it is there.
public struct QuoteRequest: Encodable, Sendable, Equatable {
    /// In NFC.
    public let destination: String
    /// False when nothing was said.
    public let hasPet: Bool
    /// False when nothing was said.
    public let hasPromotion: Bool

    /// Checks nothing: the fields are checked where the message is read.
    public init(destination: String, hasPet: Bool = false, hasPromotion: Bool = false) {
        self.destination = destination
        self.hasPet = hasPet
        self.hasPromotion = hasPromotion
    }

    /// Reads a body; a problem with any field makes the whole invalid.
    public static func read(_ body: [UInt8]) throws(CommandError) -> QuoteRequest {
        var fields = try Fields.of(body)
        let contents = BookingContents(&fields, isQuote: true)
        guard let destination = contents.destination, let hasPet = contents.hasPet,
            let hasPromotion = contents.hasPromotion
        else { throw .invalid(fields.problems) }
        return try fields.result(
            QuoteRequest(destination: destination, hasPet: hasPet, hasPromotion: hasPromotion))
    }

    private enum CodingKeys: String, CodingKey {
        case destination
        case hasPet = "has_pet"
        case hasPromotion = "has_promotion"
    }
}

/// The answer to `query.quote`; amounts in minor units of ``currency``.
public struct Quote: Codable, Sendable, Equatable {
    /// The destination, in NFC.
    public let destination: String
    /// The fare in force.
    public let baseFare: Int
    /// What the promotion takes off, 0 without it.
    public let discount: Int
    /// The tax in force.
    public let tax: Int
    /// 0 without a pet.
    public let petTax: Int
    /// base_fare − discount + tax + pet_tax.
    public let totalPrice: Int
    /// ISO 4217.
    public let currency: String

    /// The quote of a price.
    public init(destination: String, price: Price) {
        self.destination = destination
        baseFare = price.baseFare
        discount = price.discount
        tax = price.tax
        petTax = price.petTax
        totalPrice = price.total
        currency = Contract.currency
    }

    private enum CodingKeys: String, CodingKey {
        case destination
        case baseFare = "base_fare"
        case discount
        case tax
        case petTax = "pet_tax"
        case totalPrice = "total_price"
        case currency
    }
}
