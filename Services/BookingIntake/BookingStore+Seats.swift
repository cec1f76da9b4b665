import Contract
import Postgres

extension BookingStore {
    /// Takes a seat for each new booking that names a flight, or rejects it.
    ///
    /// The flights are locked first, in the order of their ids, so that no seat is given twice and replicas don't
    /// lock each other out.
    static func takeSeats(
        for new: [StoredBooking], _ acceptances: inout Acceptances, on connection: isolated PostgresConnection
    ) throws(PostgresError) {
        let wanting =
            new
            .filter { $0.status == .pending && $0.flightID != nil }
            .sorted { $0.number < $1.number }
        if wanting.isEmpty { return }
        var flights = try lockFlights(Set(wanting.compactMap(\.flightID)), on: connection)
        var taken: [String: Int64] = [:]
        var rejections: [(number: Int, reason: BookingOutcome.Reason)] = []
        for booking in wanting {
            guard let id = booking.flightID else { continue }
            if let reason = refusal(of: booking, flights[id]) {
                rejections.append((booking.number, reason))
            } else {
                flights[id]?.free -= 1
                taken[id, default: 0] += 1
            }
        }
        if !taken.isEmpty {
            _ = try connection.query(
                """
                UPDATE flights f SET seats_taken = seats_taken + t.seats
                FROM unnest($1::text[], $2::int[]) AS t(flight_id, seats) WHERE f.flight_id = t.flight_id
                """, [.texts(taken.map(\.key)), .ints(taken.map(\.value))])
        }
        if rejections.isEmpty { return }
        let rejected = try connection.query(
            """
            UPDATE bookings b SET status = 'rejected', settled_at = now(), reason = r.reason
            FROM unnest($1::bigint[], $2::text[]) AS r(number, reason) WHERE b.number = r.number
            RETURNING \(StoredBooking.columns)
            """,
            [.ints(rejections.map { Int64($0.number) }), .texts(rejections.map(\.reason.rawValue))])
        for row in rejected {
            let booking = try StoredBooking(row)
            acceptances.bookings[booking.requestID] = booking
        }
    }

    private struct LockedFlight {
        let destination: String
        let hasDeparted: Bool
        var free: Int
    }

    private static func lockFlights(
        _ ids: Set<String>, on connection: isolated PostgresConnection
    ) throws(PostgresError) -> [String: LockedFlight] {
        let rows = try connection.query(
            """
            SELECT flight_id, destination, departs_at <= now(), seats - seats_taken
            FROM flights WHERE flight_id = ANY($1::text[]) ORDER BY flight_id FOR UPDATE
            """, [.texts(Array(ids))])
        var flights: [String: LockedFlight] = [:]
        for row in rows {
            flights[try row.string(0)] = LockedFlight(
                destination: try row.string(1), hasDeparted: try row.bool(2), free: try row.int(3))
        }
        return flights
    }

    /// Why a booking gets no seat, the first that applies in the contract's order.
    private static func refusal(of booking: StoredBooking, _ flight: LockedFlight?) -> BookingOutcome.Reason? {
        guard let flight else { return .unknownFlight }
        if flight.destination != booking.destination { return .wrongDestination }
        if flight.hasDeparted { return .flightDeparted }
        return flight.free > 0 ? nil : .flightFull
    }
}
