import Tracing

/// Makes spans, and hands those that are sampled to the exporter when they end.
struct MessageTracer: Tracer {
    let sampler: TraceSampler
    let exporter: SpanExporter

    func startSpan<Instant: TracerInstant>(
        _ name: String, context: @autoclosure () -> InstrumentationContext, ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant, function: String, file: String, line: UInt
    ) -> TracedSpan {
        var context = context()
        let parent = context.place
        let traceID = parent?.traceID ?? UInt128.random(in: 1 ... .max)
        let isSampled = sampler.samples(traceID, below: parent)
        // What is not recorded has no place of its own: its parent's goes on.
        let spanID = isSampled ? nil : parent?.spanID
        let place = TraceContext(
            traceID: traceID, spanID: spanID ?? UInt64.random(in: 1 ... .max), isSampled: isSampled,
            state: parent?.state)
        context.place = place
        return TracedSpan(
            SpanRecord(place, parent?.spanID, name, kind, start: instant().nanosecondsSinceEpoch), context,
            exporter: isSampled ? exporter : nil)
    }

    func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout InstrumentationContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        guard let parent = extractor.extract(key: "traceparent", from: carrier) else { return }
        context.place = TraceContext(
            traceparent: parent, tracestate: extractor.extract(key: "tracestate", from: carrier))
    }

    func inject<Carrier, Inject: Injector>(
        _ context: InstrumentationContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let place = context.place else { return }
        injector.inject(place.traceparent, forKey: "traceparent", into: &carrier)
        if let state = place.state { injector.inject(state, forKey: "tracestate", into: &carrier) }
    }

    /// Nothing to do: spans are sent soon, and at the process' end.
    func forceFlush() {}
}

/// Which traces are recorded.
struct TraceSampler: Sendable, Equatable {
    /// 0 to 1: the share of the traces that begin here, or of all.
    let ratio: Double
    /// Whether a trace that began elsewhere is recorded here if it is there.
    let followsParent: Bool

    func samples(_ traceID: UInt128, below parent: TraceContext?) -> Bool {
        if followsParent, let parent { return parent.isSampled }
        // By the trace's id, so that all who have the same ratio decide alike.
        return ratio == 1 || Double(UInt64(truncatingIfNeeded: traceID) >> 1) < ratio * 0x1p63
    }
}
