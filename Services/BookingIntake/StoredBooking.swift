import Contract
import Postgres

/// A booking as it is stored; every message about it can be made from it again, byte for byte.
struct StoredBooking: Sendable {
    /// Where a booking is on its way.
    enum Status: String { case pending, confirmed, rejected, cancelled }

    let number: Int
    let requestID: String
    let contentHash: Int64
    var status: Status
    let acceptedAt: Timestamp
    var settledAt: Timestamp?
    let cancelledAt: Timestamp?
    let cancelRequested: Bool
    let hasAskers: Bool
    let flightID: String?
    var reason: String?
    /// The lower-case e-mail address, under which its points are kept.
    let customer: String?
    private let email: String?
    private let passengerName: String?
    private let passengerAge: Int?
    let destination: String?
    private let hasPet: Bool?
    private let hasPromotion: Bool?
    private let baseFare: Int?
    private let tax: Int?
    private let petTax: Int?
    private let discount: Int?
    let totalPrice: Int?
    private let loyaltyPoints: Int?
    private let firstBooking: Bool?
    private let problems: String?

    /// The columns of the table `bookings` (aliased `b`) that ``init(_:)`` reads, in its order. Times by `date_part`: a double,
    /// exact to far less than the millisecond that is kept, and cheaper than the numeric of `extract`.
    static let columns = """
        b.number, b.request_id, b.content_hash, b.status, (date_part('epoch', b.accepted_at) * 1000)::bigint, \
        (date_part('epoch', b.settled_at) * 1000)::bigint, (date_part('epoch', b.cancelled_at) * 1000)::bigint, \
        b.cancel_requested, b.has_askers, b.flight_id, b.reason, b.customer, b.email, b.passenger_name, \
        b.passenger_age, b.destination, b.has_pet, b.has_promotion, b.base_fare, b.tax, b.pet_tax, b.discount, \
        b.total_price, b.loyalty_points, b.first_booking, b.problems
        """

    init(_ row: PostgresRow) throws(PostgresError) {
        number = try row.int(0)
        requestID = try row.string(1)
        contentHash = Int64(try row.int(2))
        // The table's check constraint knows the same four.
        status = Status(rawValue: try row.string(3)) ?? .pending
        acceptedAt = Timestamp(milliseconds: Int64(try row.int(4)))
        settledAt = try row.optionalInt(5).map { Timestamp(milliseconds: Int64($0)) }
        cancelledAt = try row.optionalInt(6).map { Timestamp(milliseconds: Int64($0)) }
        cancelRequested = try row.bool(7)
        hasAskers = try row.bool(8)
        flightID = try row.optionalString(9)
        reason = try row.optionalString(10)
        email = try row.optionalString(12)
        customer = try row.optionalString(11) ?? email
        passengerName = try row.optionalString(13)
        passengerAge = try row.optionalInt(14)
        destination = try row.optionalString(15)
        hasPet = try row.optionalBool(16)
        hasPromotion = try row.optionalBool(17)
        baseFare = try row.optionalInt(18)
        tax = try row.optionalInt(19)
        petTax = try row.optionalInt(20)
        discount = try row.optionalInt(21)
        totalPrice = try row.optionalInt(22)
        loyaltyPoints = try row.optionalInt(23)
        firstBooking = try row.optionalBool(24)
        problems = try row.optionalString(25)
    }

    /// `booking.accepted`, which asks pricing for a price.
    var accepted: BookingAccepted {
        BookingAccepted(
            requestID: requestID, bookingNumber: number, occurredAt: acceptedAt, destination: destination ?? "",
            hasPet: hasPet ?? false, hasPromotion: hasPromotion ?? false, baseFare: baseFare ?? 0, tax: tax ?? 0,
            petTax: petTax ?? 0)
    }

    /// The events of its outcome so far, in their order: none while it is pending.
    var outcomes: [BookingOutcome] {
        guard let settledAt else { return [] }
        switch status {
        case .pending: return []
        case .rejected: return [rejected(at: settledAt)]
        case .confirmed: return [confirmed(at: settledAt)]
        case .cancelled:
            let confirmation = confirmed(at: settledAt)
            return [confirmation, confirmation.cancelled(at: cancelledAt ?? settledAt)]
        }
    }

    /// What somebody who asks for it is told.
    var answer: BookingStatus {
        outcomes.last.map { .decided($0) } ?? .pending(requestID: requestID, bookingNumber: number)
    }

    /// `customer.registered`, where it is its address' first confirmed booking.
    var registration: CustomerRegistered? {
        guard firstBooking == true, let email, let passengerName, let settledAt else { return nil }
        return CustomerRegistered(
            requestID: requestID, bookingNumber: number, occurredAt: settledAt, email: email,
            passengerName: passengerName)
    }

    /// `loyalty.awarded`, where it brought points.
    var award: LoyaltyAwarded? {
        guard let loyaltyPoints, loyaltyPoints > 0, let email, let settledAt else { return nil }
        return LoyaltyAwarded(
            requestID: requestID, bookingNumber: number, occurredAt: settledAt, email: email, points: loyaltyPoints)
    }

    /// The points of its price, which a cancellation takes back.
    var pointsOfPrice: Int { Loyalty.points(forTotal: totalPrice ?? 0) }

    private func confirmed(at time: Timestamp) -> BookingOutcome {
        var outcome = described(.confirmed, at: time)
        outcome.baseFare = baseFare
        outcome.discount = discount
        outcome.tax = tax
        outcome.petTax = petTax
        outcome.totalPrice = totalPrice
        outcome.currency = Contract.currency
        outcome.loyaltyPoints = loyaltyPoints
        outcome.firstBooking = firstBooking
        return outcome
    }

    private func rejected(at time: Timestamp) -> BookingOutcome {
        var outcome = described(.rejected, at: time)
        outcome.reason = reason.flatMap(BookingOutcome.Reason.init)
        outcome.problems = problems.flatMap { try? JSON.decode(Problems.self, from: Array($0.utf8)).problems }
        return outcome
    }

    private func described(_ status: BookingOutcome.Status, at time: Timestamp) -> BookingOutcome {
        var outcome = BookingOutcome(status: status, requestID: requestID, bookingNumber: number, occurredAt: time)
        outcome.passengerName = passengerName
        outcome.passengerAge = passengerAge
        outcome.email = email
        outcome.destination = destination
        outcome.hasPet = hasPet
        outcome.hasPromotion = hasPromotion
        return outcome
    }
}

/// The column `problems`: the problems of an invalid request, in a JSON object.
struct Problems: Codable {
    let problems: [Problem]
}
