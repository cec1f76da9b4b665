import AMQP
import Contract
import Metrics
import Synchronization

/// The instruments of one queue that is consumed. Made once and used once a batch; what can be known at any time is read only
/// when somebody asks.
final class QueueTelemetry: Sendable {
    private struct InHand {
        var count = 0
        /// The first message, which is the oldest, of each batch.
        var heads: [Delivery] = []
    }

    private let consumed: Counter
    private let processing: Timer
    private let inbox: Inbox
    private let inHand = Mutex(InHand())

    init(_ queue: String, _ inbox: Inbox, _ registry: PrometheusRegistry) {
        let labels = [("messaging.destination.name", queue)]
        consumed = Counter(label: "messaging.client.consumed.messages", dimensions: labels)
        processing = Timer(label: "messaging.process.duration", dimensions: labels)
        self.inbox = inbox
        let queue = [("queue", queue)]
        registry.observe("caramelo.in_flight", dimensions: queue) { [self] in Double(inHand.withLock { $0.count }) }
        registry.observe("caramelo.oldest_message_age_seconds", dimensions: queue) { [self] in oldestAge }
        registry.observe("caramelo.waiting_messages", dimensions: queue) { inbox.waiting.map(Double.init) }
    }

    /// Notes that a batch, which is not empty, is in hand.
    func begin(_ batch: [Delivery]) {
        inHand.withLock { inHand in
            inHand.count += batch.count
            inHand.heads.append(batch[0])
        }
    }

    /// Notes that it no longer is.
    func end(_ batch: [Delivery]) {
        inHand.withLock { inHand in
            inHand.count -= batch.count
            inHand.heads.removeAll { $0 === batch[0] }
        }
    }

    /// Notes that `count` messages were dealt with.
    func handled(_ count: Int, within time: Duration) {
        consumed.increment(by: count)
        processing.recordNanoseconds(time.nanoseconds)
    }

    /// The broker delivers the oldest first, so whoever holds messages holds the oldest; a consumer that holds none while it
    /// consumes has a queue in which none waits.
    private var oldestAge: Double? {
        let heads = inHand.withLock { $0.heads } + [inbox.first].compactMap(\.self)
        return heads.map(\.age).max() ?? (inbox.isOpen ? 0 : nil)
    }
}

extension Delivery {
    /// Seconds since it was published, by its publisher's clock; since it arrived here where that says nothing, or where the
    /// message has waited on purpose.
    fileprivate var age: Double {
        if attempts == 0, replay == nil, let timestamp = message.timestamp, timestamp > 0 {
            return max(0, Double(Timestamp.now.milliseconds) / 1_000 - Double(timestamp))
        }
        return Double((ContinuousClock.now - arrival).nanoseconds) / 1e9
    }
}
