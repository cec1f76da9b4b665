import Checking
import Contract
import Foundation
import Model
import Postgres

/// What booking-intake has stored, read past it.
struct StoredBookings: Sendable {
    private let database: PostgresConnection
    private let reading: Reading

    init(_ url: String, _ reading: Reading) {
        database = PostgresConnection(url: url, applicationName: "caramelo-chaos")
        self.reading = reading
    }

    /// How many bookings are pending.
    func pending() async throws -> Int {
        try await database.query("SELECT count(*) FROM bookings WHERE status = 'pending'")[0].int(0)
    }

    /// All bookings by request id.
    func all() async throws -> [String: Observations.Booking] {
        var bookings: [String: Observations.Booking] = [:]
        var last = 0
        while true {
            // In parts, since one statement has 30 s.
            let rows = try await database.query(
                """
                SELECT number, request_id, status, (extract(epoch FROM settled_at) * 1000)::bigint, reason, problems,
                    passenger_name, passenger_age, email, destination, has_pet, has_promotion,
                    base_fare, discount, tax, pet_tax, total_price, loyalty_points, first_booking
                FROM bookings WHERE number > $1 ORDER BY number LIMIT 10000
                """, [.int(Int64(last))])
            for row in rows {
                last = try row.int(0)
                bookings[try row.string(1)] = Observations.Booking(outcome: try outcome(row))
            }
            if rows.isEmpty { return bookings }
        }
    }

    func close() async { await database.close() }

    private func outcome(_ row: PostgresRow) throws -> Outcome? {
        guard let status = Outcome.Status(rawValue: try row.string(2)) else { return nil }
        var outcome = Outcome(status)
        outcome.day = reading.day(of: Timestamp(milliseconds: Int64(try row.int(3))))
        outcome.echo["passenger_name"] = try row.optionalString(6).map(Value.text)
        outcome.echo["passenger_age"] = try row.optionalInt(7).map(Value.integer)
        outcome.echo["email"] = try row.optionalString(8).map(Value.text)
        outcome.echo["destination"] = try row.optionalString(9).map(Value.text)
        outcome.echo["has_pet"] = try row.optionalBool(10).map(Value.flag)
        outcome.echo["has_promotion"] = try row.optionalBool(11).map(Value.flag)
        if status == .rejected {
            outcome.reason = try row.optionalString(4)
            let problems = try row.optionalString(5).map { try JSON.decode(Problems.self, from: Array($0.utf8)) }
            outcome.problems = Set((problems?.problems ?? []).map(\.field))
        } else {
            outcome.amounts = Amounts(
                base: try row.int(12), discount: try row.int(13), tax: try row.int(14), petTax: try row.int(15),
                total: try row.int(16))
            outcome.points = try row.int(17)
            outcome.isFirst = try row.bool(18)
        }
        return outcome
    }
}

/// The column `problems`.
private struct Problems: Codable {
    let problems: [Problem]
}
