import Contract
import Foundation
import Model

/// Reads what the system says into the oracle's words.
public struct Reading: Sendable {
    /// `REPORT_TIME_ZONE`.
    public let zone: TimeZone

    /// A reading for services with this `REPORT_TIME_ZONE`.
    public init(zone: TimeZone) { self.zone = zone }

    /// A zone where it is another day now than in UTC, so that it makes a difference.
    public static var farZone: String {
        let hour = Timestamp.now.milliseconds / 3_600_000 % 24
        return hour >= 10 ? "Pacific/Kiritimati" : "Pacific/Niue"
    }

    /// The local date at a time.
    public func day(of time: Timestamp) -> String {
        let style = Date.ISO8601FormatStyle(timeZone: zone).year().month().day()
        return Date(timeIntervalSince1970: Double(time.milliseconds) / 1000).formatted(style)
    }

    /// An outcome or a cancellation.
    public func outcome(_ outcome: BookingOutcome) -> Outcome {
        var result = Outcome(Outcome.Status(rawValue: outcome.status.rawValue) ?? .rejected)
        result.reason = outcome.reason?.rawValue
        result.problems = Set((outcome.problems ?? []).map(\.field))
        result.echo["passenger_name"] = outcome.passengerName.map(Value.text)
        result.echo["passenger_age"] = outcome.passengerAge.map(Value.integer)
        result.echo["email"] = outcome.email.map(Value.text)
        result.echo["destination"] = outcome.destination.map(Value.text)
        result.echo["has_pet"] = outcome.hasPet.map(Value.flag)
        result.echo["has_promotion"] = outcome.hasPromotion.map(Value.flag)
        if let base = outcome.baseFare, let discount = outcome.discount, let tax = outcome.tax,
            let petTax = outcome.petTax, let total = outcome.totalPrice
        {
            result.amounts = Amounts(base: base, discount: discount, tax: tax, petTax: petTax, total: total)
        }
        result.points = outcome.loyaltyPoints
        result.isFirst = outcome.firstBooking
        result.day = day(of: outcome.confirmedAt ?? outcome.occurredAt)
        return result
    }

    /// The answer to a command.
    /// - Throws: what it is not JSON for, or not an answer.
    public func reply(_ body: [UInt8]) throws -> Reply {
        let object = try JSON.object(body)
        if object["status"]?.string == "pending" { return .pending }
        if object["status"] != nil { return .outcome(outcome(try JSON.decode(BookingOutcome.self, from: body))) }
        let reply = try JSON.decode(CommandReply.self, from: body)
        if reply.ok { return reply.superseded == true ? .superseded : .done }
        return .refused(reply.code?.rawValue ?? "no code")
    }

    /// A report.
    public func figures(_ report: Report) -> Figures {
        Figures(
            counts: [
                "bookings_confirmed": report.bookingsConfirmed, "bookings_rejected": report.bookingsRejected,
                "bookings_cancelled": report.bookingsCancelled, "total_collected": report.totalCollected,
                "tax_collected": report.taxCollected, "discounts": report.discounts, "pets": report.pets,
                "infants": report.infants, "promotions": report.promotions, "candies": report.candies.count,
                "candy_cost": report.candies.cost, "loyalty_points": report.loyaltyPoints,
            ], customers: report.customers, preferred: report.preferredDestination,
            lines: report.destinations.filter { $0 != .init(destination: $0.destination) }.map {
                Figures.Line($0.destination, bookings: $0.bookings, collected: $0.collected, tax: $0.tax)
            })
    }
}
