import Contract

/// One event as the script `count.lua` takes it: texts in a fixed order.
struct Change: Sendable {
    /// The number of texts of each change.
    static let width = 14

    let arguments: [String]

    /// An outcome or a cancellation; a cancellation changes the day of its confirmation.
    init(_ outcome: BookingOutcome, _ calendar: Calendar) {
        let loyalty = outcome.loyaltyPoints ?? 0
        let bonus = outcome.firstBooking == true ? Loyalty.firstBookingBonus : 0
        arguments = [
            outcome.status.rawValue, "\(outcome.bookingNumber)", outcome.destination ?? "",
            calendar.day(of: outcome.confirmedAt ?? outcome.occurredAt), "\(outcome.totalPrice ?? 0)",
            "\((outcome.tax ?? 0) + (outcome.petTax ?? 0))", "\(outcome.discount ?? 0)",
            outcome.hasPet == true ? "1" : "0", outcome.passengerAge.map(Infant.isInfant) == true ? "1" : "0",
            outcome.hasPromotion == true ? "1" : "0", "\(loyalty - bonus)", "\(bonus)",
            outcome.firstBooking == true ? "1" : "0", "0",
        ]
    }

    /// The candies of a booking, on the day of its confirmation.
    init(_ candies: CandyAccounted, _ calendar: Calendar) {
        arguments =
            [
                "candies", "\(candies.bookingNumber)", candies.destination, calendar.day(of: candies.confirmedAt),
                "\(candies.cost)",
            ] + Array(repeating: "0", count: Self.width - 6) + ["\(candies.count)"]
    }
}
