import Support
import Terminal

/// Fills the database with confirmed bookings, as years of work leave it.
struct StoredBookings {
    let databaseURL: String
    let log: ProgressLog

    private static let portion = 500_000

    /// Adds so many, and a customer to every fifth; the services must have made the tables.
    ///
    /// Their numbers are below zero. Stats compares what it counted from zero on, so that it does not ask for them; in
    /// Redis they need nothing.
    func fill(_ count: Int) async throws {
        for start in stride(from: 0, to: count, by: Self.portion) {
            let end = min(count, start + Self.portion)
            try await execute(
                """
                INSERT INTO bookings (number, request_id, content_hash, accepted_at, settled_at, base_fare, tax, pet_tax,
                    discount, total_price, loyalty_points, passenger_age, has_pet, has_promotion, first_booking, status,
                    passenger_name, email, destination)
                SELECT -n, 'stored-' || gen_random_uuid(), n, now() - interval '1 day', now() - interval '1 day', 32000000,
                    2560000, 0, 0, 34560000, 34, 20 + n % 60, false, false, n % 5 = 0, 'confirmed',
                    'Pasajero ' || n, 'stored' || n / 5 || '@example.com', 'San Andrés'
                FROM generate_series(\(start + 1), \(end)) n
                """,
                """
                INSERT INTO customers (email, points, bookings)
                SELECT 'stored' || n || '@example.com', 670, 5
                FROM generate_series(\(start / 5 + 1), \(end / 5)) n
                """)
            log.line("  \(Figures.count(end)) of \(Figures.count(count))")
        }
        // What else would be done in the midst of a measurement.
        try await execute("VACUUM ANALYZE bookings", "VACUUM ANALYZE customers", "CHECKPOINT")
    }

    /// By psql, since our own connections give a statement up after half a minute.
    private func execute(_ statements: String...) async throws {
        let arguments = ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", databaseURL] + statements.flatMap { ["-c", $0] }
        let done = try await run("/usr/bin/psql", arguments)
        guard done.status == 0 else { throw RunFailure("bookings could not be stored: \(done.errors)") }
    }
}
