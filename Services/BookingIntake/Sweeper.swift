import Contract
import Logging
import Metrics
import Postgres
import Runtime

/// Sends bookings on their way again that stay pending although nothing waits in the queues of their next steps, and
/// announces what was confirmed but not announced: the broker lost what it had, or a queue was deleted with it. What
/// anybody gets twice does no harm.
struct Sweeper: Sendable {
    let store: BookingStore
    /// How long a booking may be pending before it counts as stuck; also the time between looks.
    let patience: Duration
    let logger: Logger

    /// How often a booking is sent again; after that only the metric tells of it.
    private static let attempts = 5

    /// Looks now and then, until it is cancelled.
    func run(_ backstage: Backstage) async {
        var lowest = 0
        var sent: [Int: (times: Int, next: ContinuousClock.Instant)] = [:]
        let gauge = Gauge(label: "caramelo.stuck_bookings")
        while (try? await Task.sleep(for: patience)) != nil {
            do {
                try await announceAgain(backstage)
                // A backlog is not stuck.
                guard await backstage.waiting(in: QueueName.accepted) == 0,
                    await backstage.waiting(in: QueueName.prices) == 0
                else { continue }
                lowest = try await store.lowestPending(from: lowest)
                let stuck = try await store.stuck(from: lowest, for: patience)
                gauge.record(stuck.count)
                let numbers = Set(stuck.map(\.number))
                sent = sent.filter { numbers.contains($0.key) }
                let due = stuck.filter { booking in
                    guard let (times, next) = sent[booking.number] else { return true }
                    return times < Self.attempts && next < .now
                }
                if due.isEmpty { continue }
                logger.warning("stuck bookings are sent on their way again", metadata: ["count": "\(due.count)"])
                try await backstage.publish(due.map { .event($0.accepted, causedBy: nil) })
                for booking in due {
                    let times = (sent[booking.number]?.times ?? 0) + 1
                    sent[booking.number] = (times, .now + patience * (1 << times))
                }
            } catch {
                logger.debug("no look for stuck bookings now", metadata: ["error": "\(error)"])
            }
        }
    }
}

extension Sweeper {
    /// Announces what was confirmed but perhaps never announced; others may have heard of it.
    private func announceAgain(_ backstage: Backstage) async throws {
        let bookings = try await store.unannounced(for: patience)
        if bookings.isEmpty { return }
        logger.warning("outcomes are announced again", metadata: ["count": "\(bookings.count)"])
        let messages = bookings.flatMap { $0.announcement(causedBy: nil) }
        try await backstage.publish(messages)
        await store.forgetAnnounced(messages)
    }
}

extension BookingStore {
    /// The number of the oldest pending booking, or one below those that are being stored now.
    fileprivate func lowestPending(from number: Int) async throws -> Int {
        let sql = """
            SELECT coalesce(min(number) FILTER (WHERE status = 'pending'), max(number) - 10000, 0)
            FROM bookings WHERE number >= $1
            """
        return try await query(sql, [.int(Int64(number))])[0].int(0)
    }

    /// Bookings that have been pending for longer than `patience`, the oldest first, 500 at most.
    fileprivate func stuck(from number: Int, for patience: Duration) async throws -> [StoredBooking] {
        let sql = """
            SELECT \(StoredBooking.columns) FROM bookings b
            WHERE number >= $1 AND status = 'pending' AND accepted_at < now() - $2::int * interval '1 second'
            ORDER BY number LIMIT 500
            """
        return try await query(sql, [.int(Int64(number)), .int(patience.components.seconds)]).map { row in
            try StoredBooking(row)
        }
    }
}
