/// What a booking costs, in minor units (contract, "The price").
public struct Price: Sendable, Equatable {
    /// The fare before the discount.
    public let baseFare: Int
    /// 10 % of the fare with the promotion, rounded half up; else 0.
    public let discount: Int
    /// The tax.
    public let tax: Int
    /// The tax on the pet, 0 without one.
    public let petTax: Int
    /// base fare − discount + tax + pet tax.
    public let total: Int

    /// The price at a fare and taxes. One outside of ``Contract/amounts``, which no command or event that was read
    /// has, counts as the nearest inside, so that nothing overflows whoever sent it.
    public static func of(baseFare: Int, tax: Int, petTax: Int, hasPet: Bool, hasPromotion: Bool) -> Price {
        let baseFare = possible(baseFare)
        let tax = possible(tax)
        // A tenth of a whole number, rounded half up, without leaving the integers.
        let discount = hasPromotion ? (baseFare + 5) / 10 : 0
        let petTax = hasPet ? possible(petTax) : 0
        return Price(
            baseFare: baseFare, discount: discount, tax: tax, petTax: petTax, total: baseFare - discount + tax + petTax)
    }

    private static func possible(_ amount: Int) -> Int {
        min(max(amount, Contract.amounts.lowerBound), Contract.amounts.upperBound)
    }
}

/// The loyalty points (contract, "Loyalty").
public enum Loyalty {
    /// The points that an e-mail address gets with its first confirmed booking, and keeps when that is cancelled.
    public static let firstBookingBonus = 500

    /// One point for each full 1000000 minor units of a total price.
    public static func points(forTotal total: Int) -> Int { total / 1_000_000 }
}

/// Infants, of whom the report counts how many flew.
public enum Infant {
    /// Younger than 12, always; who gets candies is a setting and another matter.
    public static func isInfant(_ age: Int) -> Bool { age < 12 }
}
