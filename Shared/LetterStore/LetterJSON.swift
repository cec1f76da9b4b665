import AMQP
import Contract

/// A letter as `dead-letter list --json` prints it.
public struct LetterJSON: Encodable, Sendable {
    private let letter: Letter

    /// The JSON of a letter.
    public init(_ letter: Letter) { self.letter = letter }

    private enum CodingKeys: String, CodingKey {
        case id, queue, reason, detail, at, attempts, service, exchange, body
        case messageID = "message_id"
        case routingKey = "routing_key"
        case firstError = "first_error"
        case bodyBase64 = "body_base64"
    }

    /// Encodes what is known; the body as text, or as `body_base64` where it is not UTF-8.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(letter.id, forKey: .id)
        try container.encode(letter.queue, forKey: .queue)
        try container.encode(letter.reason, forKey: .reason)
        try container.encode(letter.detail, forKey: .detail)
        try container.encode(letter.at, forKey: .at)
        try container.encode(letter.attempts, forKey: .attempts)
        try container.encodeIfPresent(letter.service, forKey: .service)
        try container.encodeIfPresent(letter.message.messageID, forKey: .messageID)
        try container.encode(letter.exchange, forKey: .exchange)
        try container.encode(letter.routingKey, forKey: .routingKey)
        try container.encodeIfPresent(letter.firstError, forKey: .firstError)
        if let text = String(validating: letter.message.body, as: UTF8.self) {
            try container.encode(text, forKey: .body)
        } else {
            try container.encode(Base64.encode(letter.message.body), forKey: .bodyBase64)
        }
    }
}

/// RFC 4648, section 4.
enum Base64 {
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for place in 0..<4 {
                let isPadding = place > group.count
                text.append(isPadding ? UInt8(ascii: "=") : digits[bits >> (18 - 6 * place) & 63])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
