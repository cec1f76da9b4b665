extension BookingOutcome {
    /// `booking.cancelled` of this confirmed booking: every field of it, and an id and a time of its own.
    public func cancelled(at time: Timestamp) -> BookingOutcome {
        var outcome = BookingOutcome(
            status: .cancelled, requestID: requestID, bookingNumber: bookingNumber, occurredAt: time)
        outcome.passengerName = passengerName
        outcome.passengerAge = passengerAge
        outcome.email = email
        outcome.destination = destination
        outcome.hasPet = hasPet
        outcome.hasPromotion = hasPromotion
        outcome.baseFare = baseFare
        outcome.discount = discount
        outcome.tax = tax
        outcome.petTax = petTax
        outcome.totalPrice = totalPrice
        outcome.currency = currency
        outcome.loyaltyPoints = loyaltyPoints
        outcome.firstBooking = firstBooking
        outcome.confirmedAt = confirmedAt ?? occurredAt
        return outcome
    }

    /// Adds the amounts of a price and their currency.
    public mutating func setPrice(_ price: Price) {
        baseFare = price.baseFare
        discount = price.discount
        tax = price.tax
        petTax = price.petTax
        totalPrice = price.total
        currency = Contract.currency
    }
}
