import Synchronization
import Tracing

/// What is told of a span when it has ended.
struct SpanRecord: Sendable {
    let place: TraceContext
    let parentID: UInt64?
    var name: String
    let kind: SpanKind
    /// Nanoseconds since 1970.
    let start: UInt64
    var end: UInt64 = 0
    var attributes: SpanAttributes = [:]
    var events: [SpanEvent] = []
    var links: [SpanLink] = []
    var status: SpanStatus?

    init(_ place: TraceContext, _ parentID: UInt64?, _ name: String, _ kind: SpanKind, start: UInt64) {
        self.place = place
        self.parentID = parentID
        self.name = name
        self.kind = kind
        self.start = start
    }
}

/// A span at work.
final class TracedSpan: Tracing.Span {
    let context: InstrumentationContext
    /// Nil where it is not recorded.
    private let exporter: SpanExporter?
    /// Nil once it has ended.
    private let record: Mutex<SpanRecord?>

    init(_ record: SpanRecord, _ context: InstrumentationContext, exporter: SpanExporter?) {
        self.context = context
        self.exporter = exporter
        self.record = Mutex(record)
    }

    var isRecording: Bool { exporter != nil && record.withLock { $0 != nil } }

    var operationName: String {
        get { record.withLock { $0?.name ?? "" } }
        set { record.withLock { $0?.name = newValue } }
    }

    var attributes: SpanAttributes {
        get { record.withLock { $0?.attributes ?? [:] } }
        set { record.withLock { $0?.attributes = newValue } }
    }

    func setStatus(_ status: SpanStatus) { record.withLock { $0?.status = status } }

    func addEvent(_ event: SpanEvent) { record.withLock { $0?.events.append(event) } }

    func addLink(_ link: SpanLink) { record.withLock { $0?.links.append(link) } }

    func recordError<Instant: TracerInstant>(
        _ error: any Error, attributes: SpanAttributes, at instant: @autoclosure () -> Instant
    ) {
        setStatus(SpanStatus(code: .error, message: "\(error)"))
    }

    func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
        guard let exporter, var ended = record.withLock({ $0.take() }) else { return }
        ended.end = instant().nanosecondsSinceEpoch
        exporter.add(ended)
    }
}
