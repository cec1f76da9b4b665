import AMQP
import Contract
import Runtime

/// A dead letter: a message that could not be processed, whole, with why, where and when.
public struct Letter: Sendable {
    /// The same for the same letter, however often the broker delivers it: 16 hexadecimal digits.
    public let id: String
    /// The queue it came from.
    public let queue: String
    /// Why, as one word such as `not_json_object`.
    public let reason: String
    /// Why, for people.
    public let detail: String
    /// When it was given up.
    public let at: Timestamp
    /// When it first failed, where that is known; else when it was given up.
    public let firstFailedAt: Timestamp
    /// How often it has failed.
    public let attempts: Int
    /// The service that gave it up; `nil` where it was none of ours.
    public let service: String?
    /// The error of its first failure, where one is known.
    public let firstError: String?
    /// The exchange it was published to at first.
    public let exchange: String
    /// The routing key it was published with at first.
    public let routingKey: String
    /// The replay after which it came back; `nil` where it failed on its own.
    public let replay: String?
    /// The message with all headers it came with, and ours.
    public let message: AMQPMessage

    /// Where a sender's own `CC` is kept: as `CC` it would make the broker deliver copies.
    static let copiesHeader = "caramelo-cc"

    /// The names of headers that had to be left out: with ours, there was no room for them in a frame.
    static let shedHeader = "caramelo-shed-headers"

    /// A letter as it came from the queue `dead-letters`, or from the store.
    ///
    /// What our services did not write into the headers is taken from those of the broker (`x-death`), or made up: a
    /// letter of a stranger is kept like any other.
    /// - Parameter copy: tells a letter without `message_id` from an equal one: 0 for the first of them.
    public init(_ message: AMQPMessage, exchange: String, routingKey: String, copy: Int = 0) {
        var message = message
        message.keepUnpublished()
        message.unpackHeaders()
        // The store's own, which is about the place and not about the letter.
        message.headers["x-stream-offset"] = nil
        let death = BrokerDeath(message.headers)
        func text(_ header: String) -> String? { message.headers[header]?.text }
        // Of a stranger's letter they may be of any length.
        func name(_ header: String) -> String? { text(header).map { String($0.prefix(255)) } }
        let messageID = message.messageID?.isEmpty == true ? nil : message.messageID
        let failedAt = text(FailureHeader.failedAt)
        queue = name(FailureHeader.queue) ?? death?.queue ?? routingKey
        reason = name(FailureHeader.reason) ?? death?.reason ?? "unknown"
        detail =
            text(FailureHeader.detail) ?? death.map { "the broker gave it up: \($0.reason)" }
            ?? "it came without a word of why"
        at = failedAt.flatMap { Timestamp($0) } ?? death?.time ?? .now
        firstFailedAt = text(FailureHeader.firstFailedAt).flatMap { Timestamp($0) } ?? at
        replay = text(FailureHeader.replay)
        attempts = max(0, message.headers[FailureHeader.attempts]?.int ?? death?.count ?? 0)
        service = name(FailureHeader.service)
        firstError = text(FailureHeader.firstError)
        self.exchange = name(FailureHeader.exchange) ?? death?.exchange ?? exchange
        self.routingKey = name(FailureHeader.routingKey) ?? death?.routingKey ?? routingKey
        let number = copy == 0 ? [] : [Array(String(copy).utf8)]
        id =
            text(FailureHeader.letter)
            ?? StableHash.hexadecimal(
                [
                    Array(queue.utf8), Array((messageID ?? failedAt ?? death?.time?.description ?? "").utf8),
                    message.body,
                ] + number)
        self.message = message
    }

    /// The message to store: whole, and complete in what it says of itself.
    public var stored: AMQPMessage {
        var stored = message
        stored.isPersistent = true
        if let copies = stored.headers.removeValue(forKey: "CC") { stored.headers[Self.copiesHeader] = copies }
        stored.headers["BCC"] = nil
        stored.headers[FailureHeader.letter] = .text(id)
        stored.headers[FailureHeader.queue] = .text(queue)
        stored.headers[FailureHeader.reason] = .text(reason)
        stored.headers[FailureHeader.detail] = .text(detail)
        stored.headers[FailureHeader.failedAt] = .text(at.description)
        stored.headers[FailureHeader.attempts] = .int(Int64(attempts))
        stored.headers[FailureHeader.exchange] = .text(exchange)
        stored.headers[FailureHeader.routingKey] = .text(routingKey)
        stored.packHeaders()
        let shed = stored.shed()
        if !shed.isEmpty {
            stored.headers[Self.shedHeader] = .text(String(shed.joined(separator: " ").prefix(500)))
        }
        return stored
    }
}

extension AMQPMessage {
    /// Where headers are kept that a stream does not keep: as JSON.
    private static let packedHeader = "caramelo-headers"

    /// Measured on RabbitMQ 3.10.8: a stream loses headers that are tables, arrays or nothing, and a decimal or a number that is not
    /// finite closes the connection (541).
    mutating func packHeaders() {
        let packed = headers.filter { !$0.value.isKeptByStreams }
        guard !packed.isEmpty else { return }
        for name in packed.keys { headers[name] = nil }
        let json = JSON.encode(packed.mapValues(HeaderJSON.init))
        headers[Self.packedHeader] = .text(String(decoding: json, as: UTF8.self))
    }

    mutating func unpackHeaders() {
        guard let text = headers.removeValue(forKey: Self.packedHeader)?.text,
            let packed = try? JSON.object(Array(text.utf8), limit: .max)
        else { return }
        headers.merge(HeaderJSON.table(packed)) { $1 }
    }

    /// Leaves the largest headers out where with ours there is no room for them in a frame.
    fileprivate mutating func shed() -> [String] {
        shedHeaders { $0.hasPrefix("caramelo-") && $0 != Self.packedHeader }
    }
}

extension AMQPValue {
    fileprivate var isKeptByStreams: Bool {
        switch self {
        case .text, .int, .bool, .bytes, .timestamp: true
        case .double(let value): value.isFinite
        case .decimal, .table, .array, .void: false
        }
    }
}

/// What the broker writes into `x-death` when it gives a message up itself; the latest death comes first.
private struct BrokerDeath {
    let queue: String
    let reason: String
    let time: Timestamp?
    let count: Int?
    let exchange: String?
    let routingKey: String?

    init?(_ headers: AMQPTable) {
        guard case .array(let deaths) = headers["x-death"], case .table(let death) = deaths.first,
            let queue = death["queue"]?.text
        else { return nil }
        self.queue = queue
        reason = death["reason"]?.text ?? "unknown"
        count = death["count"]?.int
        exchange = death["exchange"]?.text
        if case .timestamp(let seconds) = death["time"] {
            time = Timestamp(milliseconds: Int64(clamping: seconds.multipliedReportingOverflow(by: 1000).partialValue))
        } else {
            time = nil
        }
        if case .array(let keys) = death["routing-keys"] { routingKey = keys.first?.text } else { routingKey = nil }
    }
}

/// FNV-1a with 64 bits, by which a letter is known; as it stands in the store, it may never change.
enum StableHash {
    /// Of some parts, each preceded by its length as eight bytes, the lowest first.
    static func of(_ parts: [[UInt8]]) -> UInt64 {
        var state: UInt64 = 0xcbf2_9ce4_8422_2325
        func mix(_ byte: UInt8) { state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        for part in parts {
            for shift in stride(from: 0, to: 64, by: 8) { mix(UInt8(truncatingIfNeeded: part.count >> shift)) }
            part.forEach(mix)
        }
        return state
    }

    /// The same as 16 hexadecimal digits.
    static func hexadecimal(_ parts: [[UInt8]]) -> String { LetterID(bits: of(parts)).description }
}
