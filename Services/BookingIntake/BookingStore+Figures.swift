import Contract
import Postgres

extension BookingStore {
    /// Makes the next checkpoint's number if the latest is older than `interval`: of several replicas one does.
    /// - Returns: the number and the database's time, or `nil` where it is not time yet.
    func nextCheckpoint(after interval: Duration) async throws -> (number: Int, madeAt: Timestamp)? {
        // One from the future was made before the clock was set back.
        let sql = """
            UPDATE checkpoints SET number = number + 1, made_at = clock_timestamp()
            WHERE made_at NOT BETWEEN now() - $1 * interval '1 second' AND now() + $1 * interval '1 second'
            RETURNING number, (extract(epoch FROM made_at) * 1000)::bigint
            """
        return try await query(sql, [.int(interval.components.seconds)]).first.map { row in
            (try row.int(0), Timestamp(milliseconds: Int64(try row.int(1))))
        }
    }

    /// The highest booking number there is, 0 for none.
    func lastBooking() async throws -> Int {
        try await query("SELECT coalesce(max(number), 0) FROM bookings")[0].int(0)
    }

    /// What is settled of a chunk of booking numbers.
    func settled(chunk: Int) async throws -> SettledChunk {
        let sql = """
            SELECT count(*) FILTER (WHERE status IN ('confirmed', 'cancelled')),
                count(*) FILTER (WHERE status = 'rejected'), count(*) FILTER (WHERE status = 'cancelled'),
                coalesce(sum(total_price % $3), 0)::bigint, coalesce(sum(s.time % $3), 0)::bigint
                    + coalesce(sum(c.time % $3), 0)::bigint, greatest(max(s.time), max(c.time))
            FROM bookings,
                LATERAL (SELECT (extract(epoch FROM settled_at) * 1000)::bigint AS time) s,
                LATERAL (SELECT (extract(epoch FROM cancelled_at) * 1000)::bigint AS time) c
            WHERE number >= $1 AND number < $2
            """
        let numbers = [
            PostgresParameter.int(Int64(chunk * SettledChunk.size)), .int(Int64((chunk + 1) * SettledChunk.size)),
        ]
        let row = try await query(sql, numbers + [.int(Int64(SettledChunk.divisor))])[0]
        let (ages, confirmedFrom) = try await passengers(numbers)
        return SettledChunk(
            chunk: chunk, confirmed: try row.int(0), rejected: try row.int(1), cancelled: try row.int(2),
            prices: try row.int(3), times: try row.int(4),
            changedAt: try row.optionalInt(5).map { Timestamp(milliseconds: Int64($0)) },
            ages: ages, confirmedFrom: confirmedFrom)
    }

    /// Confirmed passengers of a range of numbers by age, and when the first of them was confirmed.
    private func passengers(_ numbers: [PostgresParameter]) async throws -> (ages: [Int], since: Timestamp?) {
        let sql = """
            SELECT passenger_age, count(*), (extract(epoch FROM min(settled_at)) * 1000)::bigint FROM bookings
            WHERE number >= $1 AND number < $2 AND status = 'confirmed' GROUP BY passenger_age
            """
        var ages: [Int] = []
        var since: Int?
        for row in try await query(sql, numbers) {
            let age = try row.int(0)
            if ages.count <= age { ages += Array(repeating: 0, count: age + 1 - ages.count) }
            ages[age] = try row.int(1)
            since = min(since ?? .max, try row.int(2))
        }
        return (ages, since.map { Timestamp(milliseconds: Int64($0)) })
    }

    /// The settled bookings of a range of numbers, as replays tell of them.
    func settledBookings(_ numbers: Range<Int>) async throws -> [BookingOutcome] {
        let sql = """
            SELECT \(StoredBooking.columns) FROM bookings b
            WHERE number >= $1 AND number < $2 AND status <> 'pending' ORDER BY number
            """
        let parameters = [PostgresParameter.int(Int64(numbers.lowerBound)), .int(Int64(numbers.upperBound))]
        return try await query(sql, parameters).compactMap { try StoredBooking($0).replay }
    }
}

extension StoredBooking {
    /// Its latest outcome as far as figures need it; a cancellation says all that its confirmation said.
    fileprivate var replay: BookingOutcome? {
        guard var outcome = outcomes.last else { return nil }
        outcome.passengerName = nil
        outcome.email = nil
        outcome.problems = nil
        outcome.reason = nil
        outcome.baseFare = nil
        outcome.currency = nil
        return outcome
    }
}
