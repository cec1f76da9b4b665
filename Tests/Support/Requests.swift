import Foundation

/// A booking request as an upstream system writes it.
public struct SampleRequest: Sendable {
    /// The idempotency key.
    public var id = UUID().uuidString.lowercased()
    /// The passenger's name.
    public var name = "Juan Pérez"
    /// The passenger's age.
    public var age = 30
    /// The e-mail address.
    public var email = "juan@example.com"
    /// The destination.
    public var destination = "San Andrés"
    /// Whether a pet flies along.
    public var hasPet = false
    /// Whether the promotion applies.
    public var hasPromotion = false
    /// More members, as JSON.
    public var more = ""

    /// A valid request with a new id.
    public init() {}

    /// Its JSON.
    public var body: [UInt8] {
        Array(
            """
            {"request_id": "\(id)", "passenger_name": "\(name)", "passenger_age": \(age), "email": "\(email)", \
            "destination": "\(destination)", "has_pet": \(hasPet), "has_promotion": \(hasPromotion)\(more)}
            """.utf8)
    }

    /// Its price by the contract's rules, computed here on its own.
    public var price: Int {
        let fares = ["San Andrés": (32_000_000, 2_560_000, 5_000_000), "Cartagena": (25_000_000, 1_250_000, 4_000_000)]
        guard let (fare, tax, petTax) = fares[destination] else { return 0 }
        return fare - (hasPromotion ? (fare + 5) / 10 : 0) + tax + (hasPet ? petTax : 0)
    }
}
