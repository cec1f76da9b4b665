import Metrics

/// The runtime's instruments, named by OpenTelemetry's conventions for messaging where these have a name.
public struct Telemetry: Sendable {
    private let sentMessages = Counter(label: "messaging.client.sent.messages")
    private let publishing = Timer(
        label: "messaging.client.operation.duration", dimensions: [("messaging.operation.name", "publish")])

    init() {}

    func sent(_ count: Int) { sentMessages.increment(by: count) }

    func published(within time: Duration) { publishing.recordNanoseconds(time.nanoseconds) }

    func retried(_ queue: String, attempt: Int) {
        Counter(label: "caramelo.retried.messages", dimensions: [("queue", queue), ("attempt", "\(attempt)")])
            .increment()
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
}

extension Duration {
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
