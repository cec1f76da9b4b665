import Contract
import Foundation
import Support
import Testing

extension TestSystem {
    /// The report that PostgreSQL's bookings make, reckoned there by the contract's rules; candies by default settings.
    /// - Parameter condition: which bookings count, in SQL.
    func expectedReport(_ condition: String = "true") async throws -> Report {
        func value(_ expression: String, _ status: String = "status = 'confirmed'") async throws -> Int {
            try await stored("SELECT coalesce(\(expression), 0) FROM bookings WHERE \(status) AND \(condition)")
        }
        var report = Report()
        report.bookingsConfirmed = try await value("count(*)")
        report.bookingsRejected = try await value("count(*)", "status = 'rejected'")
        report.bookingsCancelled = try await value("count(*)", "status = 'cancelled'")
        report.totalCollected = try await value("sum(total_price)::bigint")
        report.taxCollected = try await value("sum(tax + pet_tax)::bigint")
        report.discounts = try await value("sum(discount)::bigint")
        report.pets = try await value("count(*) FILTER (WHERE has_pet)")
        report.infants = try await value("count(*) FILTER (WHERE passenger_age < 12)")
        report.promotions = try await value("count(*) FILTER (WHERE has_promotion)")
        report.candies = .init(count: 3 * report.infants, cost: 150_000 * report.infants)
        let first = try await value("count(*)", "first_booking")
        report.loyaltyPoints = try await value("sum(total_price / 1000000)::bigint") + 500 * first
        return report
    }

    /// Waits until reports say what PostgreSQL says, of everything, of each destination and of days, and that it is
    /// settled.
    func expectExactFigures(within seconds: Double = 60) async throws {
        var last = ("", "")
        do {
            try await eventually("figures exactly as stored", within: seconds) {
                let (report, expected) = (try await report(), try await expectedReport())
                last = ("\(report)", "\(expected)")
                return report.rebuilding == nil && report.figures == expected.figures
            }
        } catch { throw TestFailure("\(error)\n\(last.0)\n\(last.1)") }
        #expect(try await report().customers == stored("SELECT count(*) FROM bookings WHERE first_booking"))
        for line in try await report().destinations {
            let query = ReportQuery(destination: line.destination)
            let expected = try await expectedReport("destination = '\(line.destination)'")
            #expect(try await report(query).figures == expected.figures)
        }
        let today = Day(of: .now, secondsFromGMT: -5 * 3600)
        let local = "(settled_at AT TIME ZONE 'America/Bogota')::date"
        let expected = try await expectedReport("\(local) = '\(today)'")
        #expect(try await report(ReportQuery(from: today, to: today)).figures == expected.figures)
    }

    /// Runs `stats` with a subcommand.
    func stats(_ arguments: String...) async throws -> (status: Int32, output: String, errors: String) {
        try await run(TestEnvironment.binaries + "/stats", arguments, environment: environment)
    }

    /// Runs a command of Redis in the database of the system's own.
    @discardableResult
    func redis(_ command: String...) async throws -> String {
        let done = try await run("/usr/bin/redis-cli", ["-u", environment["REDIS_URL"] ?? ""] + command)
        return done.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}

extension Report {
    /// The figures that a filtered report has, too, in a fixed order.
    var figures: [Int] {
        [
            bookingsConfirmed, bookingsRejected, bookingsCancelled, totalCollected, taxCollected, discounts, pets,
            infants, promotions, candies.count, candies.cost, loyaltyPoints,
        ]
    }
}
