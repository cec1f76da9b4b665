import Logging
import Metrics
import ServiceLifecycle
import Synchronization

/// Sends ended spans to a collector, some together. Nobody waits for it: what comes faster than the collector takes it is
/// dropped, and counted.
final class SpanExporter: Service {
    private let collector: Collector
    private let resource: [(String, String)]
    private let logger: Logger
    private let exported = Counter(label: "caramelo.exported.spans")
    private let overflowed = Counter(label: "caramelo.dropped.spans", dimensions: [("why", "full")])
    private let refused = Counter(label: "caramelo.dropped.spans", dimensions: [("why", "refused")])
    private let waiting = Mutex<[SpanRecord]>([])

    /// The most spans that wait: some 10 MB.
    private static let capacity = 16_384
    /// The most spans of a request.
    private static let requestSize = 1_024
    private static let interval = Duration.milliseconds(500)
    private static let patience = Duration.seconds(10)
    /// How long a service that ends waits for the collector.
    private static let farewell = Duration.seconds(2)

    init(_ collector: Collector, resource: [(String, String)], logger: Logger) {
        self.collector = collector
        self.resource = resource
        self.logger = logger
    }

    /// Takes a span that has ended; never waits.
    func add(_ span: SpanRecord) {
        let isFull = waiting.withLock { waiting in
            if waiting.count >= Self.capacity { return true }
            waiting.append(span)
            return false
        }
        if isFull { overflowed.increment() }
    }

    /// Sends what waits, again and again, until the service is to stop, and the rest then.
    func run() async {
        try? await cancelWhenGracefulShutdown {
            var failures = 0
            while true {
                try await Task.sleep(for: failures == 0 ? Self.interval : Backoff.delay(failures))
                failures = await self.send(within: Self.patience, isFirst: failures == 0) ? 0 : failures + 1
            }
        }
        _ = await send(within: Self.farewell, isFirst: true)
    }

    /// Sends what waits, until nothing does, the collector is away or the time is up.
    /// - Returns: whether all is sent.
    private func send(within limit: Duration, isFirst: Bool) async -> Bool {
        let deadline = ContinuousClock.now + limit
        while true {
            let spans = waiting.withLock { Array($0.prefix(Self.requestSize)) }
            if spans.isEmpty { return true }
            let rest = deadline - .now
            if rest < .zero { return false }
            switch await collector.post(OTLP.request(spans, resource: resource), within: rest) {
            case .taken: exported.increment(by: spans.count)
            case .refused(let status):
                refused.increment(by: spans.count)
                logger.warning("the collector refuses spans", metadata: ["status": "\(status)"])
            case .away(let error):
                // Told once; caramelo_dropped_spans_total tells the rest.
                if isFirst, !Task.isCancelled { logger.warning("spans can't be sent", metadata: ["error": "\(error)"]) }
                return false
            }
            // Only here are they taken away, and others come at the end only.
            waiting.withLock { $0.removeFirst(spans.count) }
        }
    }
}
