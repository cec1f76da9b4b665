import AMQP
import Contract
import Runtime

/// An entry of the log that the stream is: a letter, or something that was done.
///
/// The log is all there is: whoever reads it from the beginning knows the same as everybody else. So an entry never depends on
/// what its writer knew, only on the entries before it; of two that contradict each other the first counts.
struct LogRecord {
    /// What it says. Stands in stores: names may be added, never changed.
    enum Kind: String {
        /// A letter arrived, or came back after a replay.
        case letter
        /// A replayed letter took effect.
        case replayed
        case discard, edit, undo
        /// A replay was ordered.
        case replay
        /// The next letters of a replay are about to be sent.
        case step
        /// Of letters that were sent nothing has been heard for long.
        case lost
        case pause, resume
        /// Nothing: its writer wants to see it come back.
        case marker
        /// The end: what stands behind it is void, since everything goes on in another stream.
        case seal
        /// What was known at the end of another stream: something that was done, or happened,
        case keptAct = "kept-act"
        /// a replay,
        case keptReplay = "kept-replay"
        /// a message or a body of the letter that follows,
        case part
        /// and a letter.
        case kept
    }

    let kind: Kind
    /// Tells it from all others; given twice, it counts once.
    let id: String
    let message: AMQPMessage

    private static let kindHeader = "caramelo-record"
    private static let idHeader = "caramelo-record-id"
    private static let redeliveredHeader = "caramelo-record-redelivered"
    private static let headers = [kindHeader, idHeader, redeliveredHeader]

    /// Whether the broker said of the letter that it may have been delivered before.
    let isRedelivered: Bool

    /// An entry as the stream delivers it; `nil` for one of a kind that is not known here.
    init?(reading message: AMQPMessage) {
        guard let kind = Kind(rawValue: message.headers[Self.kindHeader]?.text ?? Kind.letter.rawValue) else {
            return nil
        }
        self.kind = kind
        id = message.headers[Self.idHeader]?.text ?? ""
        isRedelivered = message.headers[Self.redeliveredHeader] == .bool(true)
        var message = message
        for header in Self.headers { message.headers[header] = nil }
        self.message = message
    }

    private init(_ kind: Kind, id: String, _ message: AMQPMessage, isRedelivered: Bool = false) {
        self.kind = kind
        self.id = id
        self.message = message
        self.isRedelivered = isRedelivered
    }

    /// As it is published.
    var stored: AMQPMessage {
        var stored = message
        stored.headers[Self.kindHeader] = .text(kind.rawValue)
        stored.headers[Self.idHeader] = .text(id)
        if isRedelivered { stored.headers[Self.redeliveredHeader] = .bool(true) }
        return stored
    }

    static func letter(_ letter: Letter, isRedelivered: Bool) -> LogRecord {
        LogRecord(.letter, id: MessageID.random(), letter.stored, isRedelivered: isRedelivered)
    }

    static func marker() -> LogRecord { LogRecord(.marker, id: MessageID.random(), AMQPMessage()) }

    static func replayed(_ letter: String, in replay: String) -> LogRecord {
        var message = AMQPMessage()
        message.headers = [
            FailureHeader.letter: .text(letter), FailureHeader.replay: .text(replay),
            Field.at: .text(Timestamp.now.description),
        ]
        return LogRecord(.replayed, id: MessageID.random(), message)
    }

    /// - Parameter before: letters that were resolved before this time are out of date.
    static func seal(before time: Timestamp) -> LogRecord {
        var message = AMQPMessage()
        message.headers = [Field.before: .text(time.description), Field.at: .text(Timestamp.now.description)]
        return LogRecord(.seal, id: MessageID.random(), message)
    }

    /// Something as it stands in the ledger.
    static func state(_ kind: Kind, _ value: some Encodable) -> LogRecord {
        LogRecord(kind, id: "", AMQPMessage(body: JSON.encode(value)))
    }

    /// What ``state(_:_:)`` wrote.
    func state<Value: Decodable>(_ type: Value.Type) -> Value? {
        try? JSON.decode(type, from: message.body, limit: .max)
    }

    /// - Parameter message: as the stream delivered it.
    static func part(_ message: AMQPMessage) -> LogRecord {
        var message = message
        for header in headers + ["x-stream-offset"] { message.headers[header] = nil }
        message.packHeaders()
        return LogRecord(.part, id: "", message)
    }

    /// Something that somebody did.
    static func act(_ kind: Kind, _ signed: Signed, _ headers: AMQPTable = [:], body: [UInt8] = []) -> LogRecord {
        var message = AMQPMessage(body: body)
        message.headers = headers
        message.headers[Field.at] = .text(Timestamp.now.description)
        message.headers[Field.by] = .text(signed.by)
        message.headers[Field.why] = signed.why.map { .text($0) }
        return LogRecord(kind, id: signed.id, message)
    }

    static func step(_ step: Ledger.ReplayStep, count: Int) -> LogRecord {
        LogRecord(.step, id: MessageID.random(), about(step, [Field.count: .int(Int64(count))]))
    }

    /// - Parameter step: the step that would be next.
    static func lost(before step: Ledger.ReplayStep, why: String) -> LogRecord {
        LogRecord(.lost, id: MessageID.random(), about(step, [Field.why: .text(why)]))
    }

    private static func about(_ step: Ledger.ReplayStep, _ headers: AMQPTable) -> AMQPMessage {
        var message = AMQPMessage()
        message.headers = headers
        message.headers[FailureHeader.replay] = .text(step.replay)
        message.headers[Field.step] = .int(Int64(step.number))
        message.headers[Field.at] = .text(Timestamp.now.description)
        return message
    }

    /// Headers of entries that are no letters.
    enum Field {
        static let by = "by"
        static let why = "why"
        static let at = "at"
        static let action = "action"
        static let step = "step"
        static let count = "count"
        static let isCanary = "canary"
        static let rate = "rate"
        static let mostFailures = "most-failures"
        static let before = "before"
    }

    func text(_ header: String) -> String? { message.headers[header]?.text }
    func int(_ header: String) -> Int? { message.headers[header]?.int }
    var at: Timestamp { text(Field.at).flatMap { Timestamp($0) } ?? .now }
}

/// Who does something, why, and the id under which it counts once however often it is asked for.
public struct Signed: Sendable {
    let id: String
    let by: String
    let why: String?

    /// - Parameters: as the properties of the same names say.
    public init(id: String, by: String, why: String?) {
        self.id = id
        self.by = by
        self.why = why
    }
}
