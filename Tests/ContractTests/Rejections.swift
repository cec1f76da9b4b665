import Contract

/// Rejections as booking-intake makes them from what it has stored.
extension BookingOutcome {
    /// `booking.rejected` of a request that breaks no rule but can't be booked.
    static func rejected(
        _ request: BookingRequest, reason: Reason, bookingNumber: Int, at time: Timestamp
    ) -> BookingOutcome {
        var outcome = BookingOutcome(
            status: .rejected, requestID: request.requestID, bookingNumber: bookingNumber, occurredAt: time)
        outcome.reason = reason
        outcome.passengerName = request.passengerName
        outcome.passengerAge = request.passengerAge
        outcome.email = request.email
        outcome.destination = request.destination
        outcome.hasPet = request.hasPet
        outcome.hasPromotion = request.hasPromotion
        return outcome
    }

    /// `booking.rejected` of a request that breaks a rule; its invalid fields are left out.
    static func rejected(
        _ request: InvalidRequest, bookingNumber: Int, at time: Timestamp
    ) -> BookingOutcome {
        var outcome = BookingOutcome(
            status: .rejected, requestID: request.requestID, bookingNumber: bookingNumber, occurredAt: time)
        outcome.reason = .invalidRequest
        outcome.problems = request.problems
        outcome.passengerName = request.passengerName
        outcome.passengerAge = request.passengerAge
        outcome.email = request.email
        outcome.destination = request.destination
        outcome.hasPet = request.hasPet
        outcome.hasPromotion = request.hasPromotion
        return outcome
    }
}
