import AMQP
import Tracing

/// A place in a trace, as it travels with messages: W3C's trace context.
struct TraceContext: Sendable, Equatable {
    /// The trace; not 0.
    let traceID: UInt128
    /// The span; not 0.
    let spanID: UInt64
    /// Whether the trace is recorded.
    let isSampled: Bool
    /// What other tracing systems have to say, passed on as it is.
    let state: String?

    init(traceID: UInt128, spanID: UInt64, isSampled: Bool, state: String? = nil) {
        self.traceID = traceID
        self.spanID = spanID
        self.isSampled = isSampled
        self.state = state
    }

    /// Reads the headers of a message; `nil` where `traceparent` is none.
    init?(traceparent: String, tracestate: String?) {
        let bytes = Array(traceparent.utf8)
        // Later versions may have more to say behind another dash.
        guard bytes.count == 55 || bytes.count > 55 && bytes[55] == UInt8(ascii: "-") && !traceparent.hasPrefix("00"),
            bytes[2] == UInt8(ascii: "-"), bytes[35] == UInt8(ascii: "-"), bytes[52] == UInt8(ascii: "-"),
            let version = Self.hexadecimal(bytes[0..<2]), version != 0xff,
            let traceID = Self.hexadecimal(bytes[3..<35]), traceID != 0,
            let spanID = Self.hexadecimal(bytes[36..<52]), spanID != 0,
            let flags = Self.hexadecimal(bytes[53..<55])
        else { return nil }
        let state = tracestate.flatMap { $0.utf8.count <= 512 ? $0 : nil }
        self.init(traceID: traceID, spanID: UInt64(spanID), isSampled: flags & 1 == 1, state: state)
    }

    /// As a header.
    var traceparent: String {
        "00-\(Self.digits(traceID, 32))-\(Self.digits(UInt128(spanID), 16))-\(isSampled ? "01" : "00")"
    }

    private static func hexadecimal(_ digits: ArraySlice<UInt8>) -> UInt128? {
        digits.reduce(UInt128?.some(0)) { value, byte in
            guard let value else { return nil }
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): return value << 4 | UInt128(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): return value << 4 | UInt128(byte - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
    }

    private static func digits(_ value: UInt128, _ count: Int) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: count - digits.count) + digits
    }
}

extension InstrumentationContext {
    /// The place in a trace.
    var place: TraceContext? {
        get { self[PlaceKey.self] }
        set { self[PlaceKey.self] = newValue }
    }

    private enum PlaceKey: InstrumentationContextKey {
        typealias Value = TraceContext
    }
}

/// Trace context in the headers of messages.
struct TraceHeaders: Extractor, Injector {
    func extract(key: String, from headers: AMQPTable) -> String? { headers[key]?.text }
    func inject(_ value: String, forKey key: String, into headers: inout AMQPTable) { headers[key] = .text(value) }
}
