/// A destination's fare and taxes, in minor units.
public struct Fare: Sendable, Hashable {
    /// The fare.
    public var base: Int
    /// The tax.
    public var tax: Int
    /// The tax on a pet.
    public var petTax: Int

    /// A fare and its taxes.
    public init(base: Int, tax: Int, petTax: Int) {
        self.base = base
        self.tax = tax
        self.petTax = petTax
    }

    /// What a booking costs (contract, "The price").
    public func amounts(hasPet: Bool, hasPromotion: Bool) -> Amounts {
        // 10 % rounded half up: a tenth, and one more where five or more remain.
        let discount = hasPromotion ? base / 10 + (base % 10 >= 5 ? 1 : 0) : 0
        let petTax = hasPet ? petTax : 0
        return Amounts(base: base, discount: discount, tax: tax, petTax: petTax, total: base - discount + tax + petTax)
    }
}

/// The amounts of a booking, in minor units.
public struct Amounts: Sendable, Hashable {
    /// `base_fare`.
    public var base: Int
    /// `discount`.
    public var discount: Int
    /// `tax`.
    public var tax: Int
    /// `pet_tax`.
    public var petTax: Int
    /// `total_price`.
    public var total: Int

    /// The amounts of a booking.
    public init(base: Int, discount: Int, tax: Int, petTax: Int, total: Int) {
        self.base = base
        self.discount = discount
        self.tax = tax
        self.petTax = petTax
        self.total = total
    }

    /// One point for each full 1000000 (contract, "Loyalty").
    public var points: Int { total / 1_000_000 }
}

/// The settings that the figures depend on, and the contract's constants.
public struct Rules: Sendable {
    /// `CANDY_MAX_AGE`: who is younger gets candies.
    public var candyMaximumAge = 12
    /// `CANDIES_PER_CHILD`.
    public var candiesPerChild = 3
    /// `CANDY_COST`, in minor units.
    public var candyCost = 50_000
    /// Who is younger is an infant, always.
    public let infantsBelow = 12
    /// The points of an address' first confirmed booking, which a cancellation does not take back.
    public let firstBookingPoints = 500

    /// The defaults.
    public init() {}
}
