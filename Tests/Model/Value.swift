/// A value in the body of a message, as the sender meant it.
public enum Value: Sendable, Hashable {
    /// Text.
    case text(String)
    /// An integer, written as one.
    case integer(Int)
    /// A number written with a decimal point, which is an integer all the same where nothing follows the point.
    case decimal(Double)
    /// True or false.
    case flag(Bool)
    /// Null.
    case null

    /// Its JSON.
    public var json: String {
        switch self {
        case .text(let text): Self.quoted(text)
        case .integer(let number): "\(number)"
        case .decimal(let number): "\(number)"
        case .flag(let flag): "\(flag)"
        case .null: "null"
        }
    }

    /// Text as a JSON string, with nothing escaped that need not be.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\" + String(scalar)
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    var text: String? { if case .text(let text) = self { text } else { nil } }
    var flag: Bool? { if case .flag(let flag) = self { flag } else { nil } }

    var integer: Int? {
        switch self {
        case .integer(let number): number
        case .decimal(let number): Int(exactly: number)
        case .text, .flag, .null: nil
        }
    }
}

/// A `booking.request` as it is sent: valid or not, but with a usable id.
public struct SentRequest: Sendable, Hashable {
    /// The idempotency key.
    public var id: String
    /// The other members, by their names on the wire.
    public var fields: [String: Value]

    /// A request as it is sent.
    public init(id: String, fields: [String: Value]) {
        self.id = id
        self.fields = fields
    }

    /// Its body.
    public var body: [UInt8] {
        let members = fields.sorted { $0.key < $1.key }.map { Value.quoted($0.key) + ": " + $0.value.json }
        return Array(("{" + (["\"request_id\": " + Value.quoted(id)] + members).joined(separator: ", ") + "}").utf8)
    }
}
