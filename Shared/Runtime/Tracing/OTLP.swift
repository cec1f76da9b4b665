import Tracing

/// OpenTelemetry's protocol: spans as an `ExportTraceServiceRequest` (opentelemetry/proto/trace/v1/trace.proto).
enum OTLP {
    /// The request that tells of `spans`.
    /// - Parameter resource: attributes of this process.
    static func request(_ spans: some Collection<SpanRecord>, resource: [(String, String)]) -> [UInt8] {
        var request = ProtobufWriter()
        request.message(1) { resourceSpans in
            resourceSpans.message(1) { message in
                for (name, value) in resource { attribute(1, name, .string(value), &message) }
            }
            resourceSpans.message(2) { scopeSpans in
                scopeSpans.message(1) { $0.text(1, "caramelo") }
                for span in spans { scopeSpans.message(2) { write(span, &$0) } }
            }
        }
        return request.bytes
    }

    private static func write(_ span: SpanRecord, _ message: inout ProtobufWriter) {
        write(span.place, &message)
        if let parentID = span.parentID { message.id(4, parentID) }
        message.text(5, span.name)
        message.integer(6, kind(span.kind))
        message.fixed64(7, span.start)
        message.fixed64(8, span.end)
        span.attributes.forEach { attribute(9, $0, $1, &message) }
        for event in span.events {
            message.message(11) { inner in
                inner.fixed64(1, event.nanosecondsSinceEpoch)
                inner.text(2, event.name)
                event.attributes.forEach { attribute(3, $0, $1, &inner) }
            }
        }
        for link in span.links {
            guard let place = link.context.place else { continue }
            message.message(13) { inner in
                write(place, &inner)
                link.attributes.forEach { attribute(4, $0, $1, &inner) }
            }
        }
        if let status = span.status {
            message.message(15) { inner in
                if let text = status.message { inner.text(2, text) }
                inner.integer(3, status.code == .ok ? 1 : 2)
            }
        }
    }

    /// The first three fields of spans and links are the same.
    private static func write(_ place: TraceContext, _ message: inout ProtobufWriter) {
        message.id(1, place.traceID)
        message.id(2, place.spanID)
        if let state = place.state { message.text(3, state) }
    }

    private static func kind(_ kind: SpanKind) -> Int64 {
        switch kind {
        case .internal: 1
        case .server: 2
        case .client: 3
        case .producer: 4
        case .consumer: 5
        }
    }

    private static func attribute(
        _ field: Int, _ name: String, _ value: SpanAttribute, _ message: inout ProtobufWriter
    ) {
        message.message(field) { pair in
            pair.text(1, name)
            pair.message(2) { any in
                switch value {
                case .bool(let value): any.integer(2, value ? 1 : 0)
                case .int32(let value): any.integer(3, Int64(value))
                case .int64(let value): any.integer(3, value)
                case .double(let value): any.fixed64(4, value.bitPattern)
                case .string(let value): any.text(1, value)
                case .stringConvertible(let value): any.text(1, value.description)
                // Lists, which nobody here has.
                default: any.text(1, "\(value)")
                }
            }
        }
    }
}
