import AMQP
import Contract
import Logging
import Postgres
import Runtime

/// Confirmations that are stored but perhaps not announced: whoever stored one may have died since, and the price that
/// led to it, which would come again, may be gone with its queue.
extension BookingStore {
    /// Forgets those of the messages that announce a confirmation: the broker has them.
    func forgetAnnounced(_ messages: [OutgoingMessage]) async {
        let announced = messages.filter {
            $0.exchange == Exchange.bookingNotifications && $0.routingKey == RoutingKey.bookingConfirmed
        }
        if announced.isEmpty { return }
        do {
            _ = try await query(Self.forget, [.texts(announced.map(\.message.messageID))])
        } catch {
            logger.debug("outcomes may be announced again", metadata: ["error": "\(error)"])
        }
    }

    /// Without waiting for the disk: what a crash brings back is announced again, which harms nobody.
    private static let forget = """
        DELETE FROM unannounced USING (SELECT set_config('synchronous_commit', 'off', true)) AS unhurried
        WHERE event_id = ANY($1::text[])
        """

    /// Bookings whose confirmation has been stored for longer than `patience` and may not be announced, 500 at most.
    func unannounced(for patience: Duration) async throws -> [StoredBooking] {
        let sql = """
            SELECT \(StoredBooking.columns) FROM unannounced u JOIN bookings b ON b.number = u.booking_number
            WHERE u.since < now() - $1::int * interval '1 second' ORDER BY b.number LIMIT 500
            """
        return try await query(sql, [.int(patience.components.seconds)]).map { try StoredBooking($0) }
    }
}
