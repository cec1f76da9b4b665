import Contract
import Postgres

extension BookingStore {
    /// Stands in the place of the real one: seats are looked at in one statement and taken in another, and nobody locks
    /// the flight in between. Whoever does the same at the same time gets the same seats.
    static func takeSeats(
        for new: [StoredBooking], _ acceptances: inout Acceptances, on connection: isolated PostgresConnection
    ) throws(PostgresError) {
        for booking in new where booking.status == .pending {
            guard let flight = booking.flightID else { continue }
            let rows = try connection.query(
                """
                SELECT seats_taken + 1, CASE WHEN f.flight_id IS NULL THEN 'unknown_flight'
                    WHEN f.destination <> b.destination THEN 'wrong_destination'
                    WHEN f.departs_at <= now() THEN 'flight_departed' WHEN f.seats = f.seats_taken THEN 'flight_full' END
                FROM bookings b LEFT JOIN flights f ON f.flight_id = b.flight_id WHERE b.number = $1
                """, [.int(Int64(booking.number))])
            if let reason = try rows[0].optionalString(1) {
                let rejected = try connection.query(
                    """
                    UPDATE bookings b SET status = 'rejected', settled_at = now(), reason = $2 WHERE number = $1
                    RETURNING \(StoredBooking.columns)
                    """, [.int(Int64(booking.number)), .text(reason)])
                acceptances.bookings[booking.requestID] = try StoredBooking(rejected[0])
            } else {
                _ = try connection.query(
                    "UPDATE flights SET seats_taken = $2 WHERE flight_id = $1",
                    [.text(flight), .int(Int64(try rows[0].int(0)))])
            }
        }
    }
}
