import Metrics
import Synchronization

/// The runtime's instruments, named by OpenTelemetry's conventions for messaging where these have a name.
public struct Telemetry: Sendable {
    private let sentMessages = Counter(label: "messaging.client.sent.messages")
    private let inFlight = Mutexed<[String: (Gauge, Int)]>([:])
    private let processing = Mutexed<[String: (Counter, Timer)]>([:])

    init() {}

    func sent(_ count: Int) { sentMessages.increment(by: count) }

    func consumed(_ queue: String, _ count: Int, took: Duration) {
        let (counter, timer) = processing.value.withLock { instruments in
            if let found = instruments[queue] { return found }
            let labels = [("messaging.destination.name", queue)]
            let made = (
                Counter(label: "messaging.client.consumed.messages", dimensions: labels),
                Timer(label: "messaging.process.duration", dimensions: labels)
            )
            instruments[queue] = made
            return made
        }
        counter.increment(by: count)
        timer.recordNanoseconds(took.nanoseconds)
    }

    func inFlight(_ queue: String, by change: Int) {
        inFlight.value.withLock { gauges in
            var (gauge, count) =
                gauges[queue] ?? (Gauge(label: "caramelo.in_flight", dimensions: [("queue", queue)]), 0)
            count += change
            gauge.record(count)
            gauges[queue] = (gauge, count)
        }
    }

    func retried(_ queue: String) {
        Counter(label: "caramelo.retried.messages", dimensions: [("queue", queue)]).increment()
    }

    func quarantined(_ queue: String, _ count: Int) {
        Counter(label: "caramelo.quarantined.messages", dimensions: [("queue", queue)]).increment(by: count)
    }

    func quarantineEnded() { Counter(label: "caramelo.quarantine.ended_processes").increment() }

    func deadLettered(_ queue: String, _ reason: String) {
        Counter(label: "caramelo.dead_lettered.messages", dimensions: [("queue", queue), ("reason", reason)])
            .increment()
    }

    func replyDropped(_ why: String) {
        Counter(label: "caramelo.dropped.replies", dimensions: [("why", why)]).increment()
    }

    func reconnected(_ connection: String) {
        Counter(label: "caramelo.reconnects", dimensions: [("connection", connection)]).increment()
    }

    func blocked(_ connection: String, _ isBlocked: Bool) {
        Gauge(label: "caramelo.broker_blocked", dimensions: [("connection", connection)]).record(isBlocked ? 1 : 0)
    }

    /// The time from a request's acceptance to its outcome.
    /// - Parameter milliseconds: that time.
    public func outcome(afterMilliseconds milliseconds: Int64) {
        Timer(label: "caramelo.booking.duration").recordMilliseconds(max(0, milliseconds))
    }
}

/// A mutex that a struct can hold and be copied.
private final class Mutexed<Value>: Sendable {
    let value: Mutex<Value>
    init(_ value: sending Value) { self.value = Mutex(value) }
}

extension Duration {
    fileprivate var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
