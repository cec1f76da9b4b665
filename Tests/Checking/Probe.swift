import AMQP
import Contract
import Foundation
import Model
import Support
import Synchronization

/// Collects the events that the system publishes, from durable queues of its own that the broker keeps while it is away;
/// it connects again by itself, and works on a thread of its own.
public final class Probe: Sendable {
    /// Where events come from: an exchange and a routing key.
    public struct Source: Sendable {
        let exchange: String
        let key: String

        /// Outcomes and cancellations.
        public static let notifications = Source(exchange: Exchange.bookingNotifications, key: "")
        /// `customer.registered`.
        public static let customers = Source(exchange: Exchange.customerEvents, key: "")
        /// `booking.accepted`.
        public static let accepted = Source(exchange: Exchange.bookings, key: RoutingKey.bookingAccepted)
        /// `booking.priced`.
        public static let priced = Source(exchange: Exchange.bookings, key: RoutingKey.bookingPriced)
        /// `candy.accounted`.
        public static let candies = Source(exchange: Exchange.bookings, key: RoutingKey.candyAccounted)
        /// `loyalty.awarded`.
        public static let loyalty = Source(exchange: Exchange.bookings, key: RoutingKey.loyaltyAwarded)
    }

    private let name: String
    private let url: String
    private let sources: [Source]
    private let onOutcome: @Sendable (String) -> Void
    private let sightings: Mutex<Sightings>
    private let isOver = Mutex(false)
    private let state = Mutex<Result<Void, any Error>?>(nil)

    /// Binds the queues and begins to listen; the services must have declared the exchanges.
    /// - Parameters:
    ///   - url: the broker.
    ///   - name: its queues' names begin with it.
    ///   - sources: what it listens to.
    ///   - sightings: what it adds to.
    ///   - onOutcome: called with the request id of each outcome or cancellation that was not known.
    public init(
        _ url: String, name: String = "probe", to sources: [Source], _ sightings: Sightings,
        onOutcome: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws {
        self.name = name
        self.url = url
        self.sources = sources
        self.onOutcome = onOutcome
        self.sightings = Mutex(sightings)
        // The connection waits in usleep, which a task must not.
        Thread.detachNewThread { self.listen() }
        try await eventually("the probe listens") { state.withLock { $0 } != nil }
        try state.withLock { $0 }?.get()
    }

    /// What has been seen so far.
    public var seen: Sightings { sightings.withLock { $0 } }

    /// What has been announced of some requests so far.
    public func traces(of ids: Set<String>) -> [String: Trace] {
        sightings.withLock { sightings in sightings.traces.filter { ids.contains($0.key) } }
    }

    /// Whether a request's outcome has been announced.
    public func isSettled(_ id: String) -> Bool { sightings.withLock { $0.traces[id]?.settled != nil } }

    /// Ends it; the broker deletes its queues ten minutes later.
    public func stop() { isOver.withLock { $0 = true } }

    private func listen() {
        while !isOver.withLock({ $0 }) {
            do {
                try takeAll()
            } catch {
                // Only the first time is it the probe's own fault.
                if state.withLock({ $0 }) == nil { return state.withLock { $0 = .failure(error) } }
                usleep(300_000)
            }
        }
    }

    private func takeAll() throws {
        var raw = try RawChannel(url)
        for (index, source) in sources.enumerated() {
            try raw.listen("\(name)-\(index)", to: source.exchange, key: source.key, expires: .seconds(600))
        }
        state.withLock { $0 = .success(()) }
        while !isOver.withLock({ $0 }) {
            for delivery in try raw.take(1, within: 0.05) {
                let requestID = sightings.withLock { sightings in
                    sightings.add(delivery.message, isRedelivered: delivery.isRedelivered)
                }
                if let requestID { onOutcome(requestID) }
            }
        }
    }
}
