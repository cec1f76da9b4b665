import CHiredis

/// The server's answer to one command.
public enum RedisReply: Sendable, Equatable {
    /// Nothing there.
    case null
    /// A whole number.
    case integer(Int)
    /// A text or a status such as `OK`; what is not UTF-8 is replaced by U+FFFD.
    case text(String)
    /// Replies in order.
    case array([RedisReply])
    /// An error within an array. Elsewhere errors are thrown.
    case error(String)

    /// The text, `nil` where it is none.
    public var string: String? {
        if case .text(let text) = self { text } else { nil }
    }

    /// The whole number, also one in a text, as Redis stores them; `nil` where it is none.
    public var int: Int? {
        switch self {
        case .integer(let value): value
        case .text(let text): Int(text)
        case .null, .array, .error: nil
        }
    }

    /// The replies of an array, `nil` where it is none.
    public var elements: [RedisReply]? {
        if case .array(let replies) = self { replies } else { nil }
    }

    /// Copies a reply of hiredis, which limits how deep they are nested.
    init(copying reply: UnsafePointer<redisReply>) {
        switch unsafe reply.pointee.type {
        case REDIS_REPLY_INTEGER:
            self = unsafe .integer(Int(reply.pointee.integer))
        case REDIS_REPLY_STRING, REDIS_REPLY_STATUS:
            self = unsafe .text(Self.text(of: reply))
        case REDIS_REPLY_ERROR:
            self = unsafe .error(Self.text(of: reply))
        case REDIS_REPLY_ARRAY:
            self = unsafe .array(
                UnsafeBufferPointer(start: reply.pointee.element, count: reply.pointee.elements).map { element in
                    unsafe element.map { unsafe RedisReply(copying: $0) } ?? .null
                })
        default:
            self = .null
        }
    }

    private static func text(of reply: UnsafePointer<redisReply>) -> String {
        let bytes = unsafe UnsafeRawBufferPointer(start: reply.pointee.str, count: reply.pointee.len)
        return unsafe String(decoding: bytes, as: UTF8.self)
    }
}
