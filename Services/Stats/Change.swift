import Contract

/// One event as the script `count` takes it: texts in a fixed order.
struct Change: Sendable {
    /// The number of texts of each change.
    static let width = 17

    let arguments: [String]

    /// An outcome or a cancellation; a cancellation changes the day of its confirmation.
    init(_ outcome: BookingOutcome, _ calendar: Calendar) {
        let loyalty = outcome.loyaltyPoints ?? 0
        let bonus = outcome.firstBooking == true ? Loyalty.firstBookingBonus : 0
        let settledAt = outcome.confirmedAt ?? outcome.occurredAt
        arguments = [
            outcome.status.rawValue, Self.chunk(outcome.bookingNumber), Self.bit(outcome.bookingNumber),
            outcome.destination ?? "", calendar.day(of: settledAt),
            "\(outcome.totalPrice ?? 0)", "\((outcome.tax ?? 0) + (outcome.petTax ?? 0))", "\(outcome.discount ?? 0)",
            outcome.hasPet == true ? "1" : "0", outcome.passengerAge.map(Infant.isInfant) == true ? "1" : "0",
            outcome.hasPromotion == true ? "1" : "0", "\(loyalty - bonus)", "\(bonus)",
            outcome.firstBooking == true ? "1" : "0", "0", "\(settledAt.milliseconds)",
            "\(outcome.occurredAt.milliseconds)",
        ]
    }

    /// The candies of a booking, on the day of its confirmation.
    init(_ candies: CandyAccounted, _ calendar: Calendar) {
        arguments =
            [
                "candies", Self.chunk(candies.bookingNumber), Self.bit(candies.bookingNumber), candies.destination,
                calendar.day(of: candies.confirmedAt),
                "\(candies.cost)",
            ] + Array(repeating: "0", count: Self.width - 9) + ["\(candies.count)", "0", "0"]
    }

    /// The end of a replayed part: what it brought has been counted.
    /// - Parameter kind: `bookings` or `candies`.
    init(endOf part: Int, _ kind: String) {
        arguments = ["part", "", "\(part)", kind] + Array(repeating: "0", count: Self.width - 4)
    }

    private static func chunk(_ number: Int) -> String { "\(number / SettledChunk.size)" }
    private static func bit(_ number: Int) -> String { "\(number % SettledChunk.size)" }
}
