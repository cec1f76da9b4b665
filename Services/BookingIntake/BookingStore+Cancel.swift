import Contract
import Postgres

/// What became of a cancellation.
enum Cancellation: Sendable {
    /// It is cancelled, now or before.
    case cancelled(StoredBooking, isNew: Bool)
    /// It will be as soon as it is confirmed.
    case remembered
    /// It was rejected: there is nothing to cancel.
    case notConfirmed
    /// No such request is stored.
    case notFound
}

extension BookingStore {
    /// Cancels a booking by its request id, or remembers to.
    func cancel(_ requestID: String) async throws -> Cancellation {
        try await inTransaction { connection throws(PostgresError) in
            let sql = "SELECT \(StoredBooking.columns) FROM bookings b WHERE request_id = $1 FOR UPDATE"
            guard let row = try connection.query(sql, [.text(requestID)]).first else { return .notFound }
            let booking = try StoredBooking(row)
            switch booking.status {
            case .rejected: return .notConfirmed
            case .cancelled: return .cancelled(booking, isNew: false)
            case .pending:
                _ = try connection.query(
                    "UPDATE bookings SET cancel_requested = true WHERE number = $1", [.int(Int64(booking.number))])
                return .remembered
            case .confirmed:
                let cancelled = try Self.cancel([booking], on: connection)
                return .cancelled(cancelled.first ?? booking, isNew: true)
            }
        }
    }

    /// Cancels confirmed bookings whose rows are locked (then customers, then flights are): their seats are free again, the points of their prices go.
    /// - Returns: the bookings as they are stored now.
    static func cancel(
        _ bookings: [StoredBooking], on connection: isolated PostgresConnection
    ) throws(PostgresError) -> [StoredBooking] {
        if bookings.isEmpty { return [] }
        var seats: [String: Int64] = [:]
        var customers: [String: (points: Int64, bookings: Int64)] = [:]
        for booking in bookings {
            if let flight = booking.flightID { seats[flight, default: 0] += 1 }
            if let customer = booking.customer {
                customers[customer, default: (0, 0)].points += Int64(booking.pointsOfPrice)
                customers[customer, default: (0, 0)].bookings += 1
            }
        }
        _ = try connection.query(
            """
            WITH left_behind AS (
                SELECT c.email, t.points, t.bookings FROM customers c
                JOIN unnest($1::text[], $2::bigint[], $3::bigint[]) AS t(email, points, bookings) USING (email)
                ORDER BY c.email FOR UPDATE OF c)
            UPDATE customers c SET points = c.points - l.points, bookings = c.bookings - l.bookings
            FROM left_behind l WHERE c.email = l.email
            """,
            [
                .texts(customers.map(\.key)), .ints(customers.map(\.value.points)),
                .ints(customers.map(\.value.bookings)),
            ])
        if !seats.isEmpty {
            _ = try connection.query(
                """
                WITH freed AS (
                    SELECT f.flight_id, t.seats FROM flights f
                    JOIN unnest($1::text[], $2::int[]) AS t(flight_id, seats) USING (flight_id)
                    ORDER BY f.flight_id FOR UPDATE OF f)
                UPDATE flights f SET seats_taken = seats_taken - freed.seats
                FROM freed WHERE f.flight_id = freed.flight_id
                """, [.texts(seats.map(\.key)), .ints(seats.map(\.value))])
        }
        let rows = try connection.query(
            """
            UPDATE bookings b SET status = 'cancelled', cancelled_at = now() WHERE number = ANY($1::bigint[])
            RETURNING \(StoredBooking.columns)
            """, [.ints(bookings.map { Int64($0.number) })])
        var cancelled: [StoredBooking] = []
        for row in rows { cancelled.append(try StoredBooking(row)) }
        return cancelled
    }
}
