import Contract
import Testing

/// The price and what follows from it (contract, "The price" and "Loyalty").
@Suite struct PriceTests {
    @Test func theContractsExample() {
        let price = Price.of(baseFare: 32_000_000, tax: 2_560_000, petTax: 5_000_000, hasPet: true, hasPromotion: false)
        #expect(price.discount == 0 && price.petTax == 5_000_000 && price.total == 39_560_000)
        #expect(Loyalty.points(forTotal: price.total) + Loyalty.firstBookingBonus == 539)
    }

    @Test(arguments: [
        (0, 0), (4, 0), (5, 1), (9, 1), (10, 1), (14, 1), (15, 2), (25, 3), (32_000_000, 3_200_000), (99, 10), (94, 9),
        (1_000_000_000_000_000, 100_000_000_000_000), (999_999_999_999_995, 100_000_000_000_000),
    ])
    func discountsAreRoundedHalfUp(_ baseFare: Int, _ discount: Int) {
        let price = Price.of(baseFare: baseFare, tax: 7, petTax: 3, hasPet: false, hasPromotion: true)
        #expect(price.discount == discount)
        #expect(price.petTax == 0)
        #expect(price.total == baseFare - discount + 7)
    }

    @Test(arguments: [Int.max, Int.min, -1])
    func impossibleAmountsDoNotOverflow(_ amount: Int) {
        let price = Price.of(baseFare: amount, tax: amount, petTax: amount, hasPet: true, hasPromotion: true)
        #expect(price.total >= 0 && price.total == price.baseFare - price.discount + price.tax + price.petTax)
    }

    @Test(arguments: [(0, 0), (999_999, 0), (1_000_000, 1), (1_999_999, 1), (39_560_000, 39)])
    func pointsAreForFullMillions(_ total: Int, _ points: Int) {
        #expect(Loyalty.points(forTotal: total) == points)
    }

    @Test func infantsAreYoungerThanTwelve() {
        #expect(Infant.isInfant(0) && Infant.isInfant(11) && !Infant.isInfant(12))
    }
}
