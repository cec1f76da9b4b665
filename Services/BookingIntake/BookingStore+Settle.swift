import Contract
import Postgres

/// The bookings of a batch of prices as they are stored now, and who waits to hear of them.
struct Settlements: Sendable {
    struct Asker: Sendable {
        let replyTo: String
        let correlationID: String?
    }
    /// By number.
    var bookings: [Int: StoredBooking] = [:]
    /// The numbers of those that were confirmed just now, whatever came after.
    var confirmed: [Int] = []
    /// By the booking's number.
    var askers: [Int: [Asker]] = [:]
}

extension BookingStore {
    /// Confirms the bookings that are pending and awards their points, in one statement, and then cancels those of which that
    /// was asked meanwhile; where that fails, the price comes again and finds them confirmed and to be cancelled.
    ///
    /// Locks are taken in one order by all replicas: bookings (by number), customers (by address), flights.
    func settle(_ prices: [BookingPriced]) async throws -> Settlements {
        if prices.isEmpty { return Settlements() }
        var byNumber: [Int: BookingPriced] = [:]
        for priced in prices { byNumber[priced.bookingNumber] = priced }
        let distinct = Array(byNumber.values)
        let parameters: [PostgresParameter] = [
            .ints(distinct.map { Int64($0.bookingNumber) }), .texts(distinct.map(\.requestID)),
            .ints(distinct.map { Int64($0.discount) }), .ints(distinct.map { Int64($0.totalPrice) }),
            .ints(distinct.map { Int64(Loyalty.points(forTotal: $0.totalPrice)) }),
        ]
        var settlements = try await inStatements { connection throws(PostgresError) in
            var settlements = Settlements()
            for row in try connection.query(Self.confirm, parameters) {
                let booking = try StoredBooking(row)
                settlements.bookings[booking.number] = booking
                settlements.confirmed.append(booking.number)
            }
            let missing = distinct.map(\.bookingNumber).filter { settlements.bookings[$0] == nil }
            if !missing.isEmpty {
                let sql = "SELECT \(StoredBooking.columns) FROM bookings b WHERE number = ANY($1::bigint[])"
                for row in try connection.query(sql, [.ints(missing.map { Int64($0) })]) {
                    let booking = try StoredBooking(row)
                    settlements.bookings[booking.number] = booking
                }
            }
            try Self.recallAskers(&settlements, on: connection)
            return settlements
        }
        let doomed = settlements.bookings.values.filter { $0.status == .confirmed && $0.cancelRequested }
        for booking in try await cancel(doomed.map(\.number)) { settlements.bookings[booking.number] = booking }
        return settlements
    }

    /// Cancels those of the bookings that are confirmed, in one transaction.
    /// - Returns: all of them as they are stored now.
    private func cancel(_ numbers: [Int]) async throws -> [StoredBooking] {
        if numbers.isEmpty { return [] }
        return try await inTransaction { connection throws(PostgresError) in
            let sql = """
                SELECT \(StoredBooking.columns) FROM bookings b WHERE number = ANY($1::bigint[])
                ORDER BY number FOR UPDATE
                """
            var stored: [StoredBooking] = []
            for row in try connection.query(sql, [.ints(numbers.map { Int64($0) })]) {
                stored.append(try StoredBooking(row))
            }
            let cancelled = try Self.cancel(stored.filter { $0.status == .confirmed }, on: connection)
            return stored.filter { $0.status != .confirmed } + cancelled
        }
    }

    /// The bonus of a first booking goes to the first of an address' bookings in this batch, if it is new altogether:
    /// `xmax = 0` tells a row that this statement inserted from one that it updated.
    ///
    /// Locked and updated from one source each: of any further one PostgreSQL keeps a copy of each row, in case it has to
    /// join again, which was a fifth of its work.
    private static let confirm = """
        WITH locked AS (
            SELECT number, request_id, coalesce(customer, email) AS customer FROM bookings
            WHERE number = ANY($1::bigint[]) AND status = 'pending' ORDER BY number FOR UPDATE
        ), open AS (
            SELECT * FROM locked JOIN
                unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[])
                    AS p(number, request_id, discount, total_price, points) USING (number, request_id)
        ), earned AS (
            SELECT customer, min(number) AS first, count(*) AS bookings, sum(points) AS points
            FROM open GROUP BY customer
        ), served AS (
            INSERT INTO customers AS c (email, points, bookings)
            SELECT customer, points + \(Loyalty.firstBookingBonus), bookings FROM earned ORDER BY customer
            ON CONFLICT (email) DO UPDATE SET
                points = c.points + excluded.points - \(Loyalty.firstBookingBonus),
                bookings = c.bookings + excluded.bookings
            RETURNING email, xmax = 0 AS is_new
        ), noted AS (
            INSERT INTO unannounced (event_id, booking_number)
            SELECT request_id || '.\(EventID.Kind.confirmed.rawValue)', number FROM open ON CONFLICT DO NOTHING
        ), priced AS MATERIALIZED (
            SELECT o.number, o.discount, o.total_price, o.points, s.is_new AND e.first = o.number AS is_first
            FROM open o JOIN earned e USING (customer) JOIN served s ON s.email = e.customer
        )
        UPDATE bookings b SET status = 'confirmed', settled_at = now(), discount = p.discount,
            total_price = p.total_price, first_booking = p.is_first,
            loyalty_points = p.points + CASE WHEN p.is_first THEN \(Loyalty.firstBookingBonus) ELSE 0 END
        FROM priced p WHERE b.number = p.number
        RETURNING \(StoredBooking.columns)
        """

    private static func recallAskers(
        _ settlements: inout Settlements, on connection: isolated PostgresConnection
    ) throws(PostgresError) {
        let asked = settlements.bookings.values.filter(\.hasAskers).map { Int64($0.number) }
        if asked.isEmpty { return }
        let sql = "SELECT booking_number, reply_to, correlation_id FROM askers WHERE booking_number = ANY($1::bigint[])"
        for row in try connection.query(sql, [.ints(asked)]) {
            let correlationID = try row.string(2)
            settlements.askers[try row.int(0), default: []].append(
                .init(replyTo: try row.string(1), correlationID: correlationID.isEmpty ? nil : correlationID))
        }
    }
}
