import Model
import Testing

@Suite("Oracle: prices and times")
struct FareTests {
    @Test("a price is fare, less a tenth rounded half up, and taxes")
    func prices() {
        let fare = Fare(base: 32_000_000, tax: 2_560_000, petTax: 5_000_000)
        #expect(fare.amounts(hasPet: true, hasPromotion: false).total == 39_560_000)
        #expect(fare.amounts(hasPet: false, hasPromotion: true).total == 31_360_000)
        #expect(fare.amounts(hasPet: false, hasPromotion: false).petTax == 0)
        let tenths = [4: 0, 5: 1, 14: 1, 15: 2, 25: 3, 0: 0]
        for (base, discount) in tenths {
            let amounts = Fare(base: base, tax: 1, petTax: 0).amounts(hasPet: false, hasPromotion: true)
            #expect(amounts.discount == discount)
            #expect(amounts.total == base - discount + 1)
        }
    }

    @Test("a point is for each full million")
    func points() {
        for (total, points) in [0: 0, 999_999: 0, 1_000_000: 1, 39_560_000: 39] {
            #expect(Fare(base: total, tax: 0, petTax: 0).amounts(hasPet: false, hasPromotion: false).points == points)
        }
    }

    @Test("times are RFC 3339")
    func times() {
        #expect(Clock.milliseconds("1970-01-01T00:00:00Z") == 0)
        #expect(Clock.milliseconds("1969-12-31T23:59:59.5Z") == -500)
        #expect(Clock.milliseconds("2026-11-21T10:00:00.123Z") == 1_795_255_200_123)
        #expect(Clock.milliseconds("2026-11-21T05:00:00.1239-05:00") == 1_795_255_200_123)
        #expect(Clock.milliseconds("2024-02-29t00:00:00z") == 1_709_164_800_000)
        let wrong = [
            "", "2026-11-21", "2026-11-21T10:00:00", "2026-11-21 10:00:00Z", "2023-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z", "2026-11-21T24:00:00Z", "2026-11-21T10:00:00.Z", "2026-11-21T10:00:00+0500",
            "2026-11-21T10:00:00Z ", "tomorrow",
        ]
        for text in wrong { #expect(Clock.milliseconds(text) == nil) }
    }
}
