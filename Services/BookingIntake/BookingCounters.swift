import Contract
import Metrics
import Synchronization

/// Counts what this replica decides. What it decided just before it was killed may be missing: the report is exact.
final class BookingCounters: Sendable {
    private struct Destination: Sendable {
        let confirmed: Counter
        let takings: Counter
        let cancelled: Counter
        let refunds: Counter

        init(_ name: String) {
            let labels = [("destination", name)]
            confirmed = Counter(label: "caramelo.confirmed.bookings", dimensions: labels)
            takings = Counter(label: "caramelo.takings.cents", dimensions: labels)
            cancelled = Counter(label: "caramelo.cancelled.bookings", dimensions: labels)
            refunds = Counter(label: "caramelo.refunds.cents", dimensions: labels)
        }
    }

    private let destinations = Mutex<[String: Destination]>([:])
    private let rejections: [BookingOutcome.Reason: Counter]
    private let duration = Timer(label: "caramelo.booking.duration")

    /// The most destinations that are counted apart; those beyond are `other`.
    private static let longestList = 50

    init() {
        rejections = Dictionary(
            uniqueKeysWithValues: BookingOutcome.Reason.allCases.map { reason in
                (reason, Counter(label: "caramelo.rejected.bookings", dimensions: [("reason", reason.rawValue)]))
            })
    }

    /// Counts bookings that have just been confirmed, those included that were cancelled at once.
    func confirmed(_ bookings: [StoredBooking]) {
        for booking in bookings {
            guard let settledAt = booking.settledAt else { continue }
            duration.recordMilliseconds(max(0, settledAt.milliseconds - booking.acceptedAt.milliseconds))
        }
        for (destination, sum) in Self.sums(of: bookings) {
            let counters = counters(of: destination)
            counters.confirmed.increment(by: sum.count)
            counters.takings.increment(by: sum.cents)
        }
        cancelled(bookings.filter { $0.status == .cancelled })
    }

    /// Counts bookings that have just been cancelled.
    func cancelled(_ bookings: [StoredBooking]) {
        for (destination, sum) in Self.sums(of: bookings) {
            let counters = counters(of: destination)
            counters.cancelled.increment(by: sum.count)
            counters.refunds.increment(by: sum.cents)
        }
    }

    /// Counts a request that has just been stored, where it is rejected.
    func stored(_ booking: StoredBooking) {
        guard booking.status == .rejected, let reason = booking.reason.flatMap(BookingOutcome.Reason.init) else {
            return
        }
        rejections[reason]?.increment()
    }

    private static func sums(of bookings: [StoredBooking]) -> [String: (count: Int, cents: Int)] {
        bookings.reduce(into: [:]) { sums, booking in
            let (count, cents) = sums[booking.destination ?? "", default: (0, 0)]
            sums[booking.destination ?? ""] = (count + 1, cents + (booking.totalPrice ?? 0))
        }
    }

    private func counters(of destination: String) -> Destination {
        destinations.withLock { destinations in
            if let known = destinations[destination] { return known }
            let isFull = destinations.count >= Self.longestList
            let made = Destination(isFull ? "other" : destination)
            if !isFull { destinations[destination] = made }
            return made
        }
    }
}
