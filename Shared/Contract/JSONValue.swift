extension JSON {
    /// What a token is; a string with a backslash in it needs another look when it is read.
    enum Kind { case null, `true`, `false`, number, string, escapedString, array, object }

    /// Where a value stands in its text: a string without its quotes, everything else whole.
    struct Token {
        let kind: Kind
        let start: Int
        let end: Int

        var length: Int { end - start }
    }

    /// One member of an object.
    struct Member {
        let name: Token
        let value: Token
    }

    /// A JSON object whose members are found but not yet read. Of a name that occurs twice the last counts.
    public struct Object: Sendable {
        let bytes: [UInt8]
        let members: [Member]

        /// The value of the member called `name`; nil when there is none (a null is a value).
        public subscript(name: String) -> Value? {
            let length = name.utf8.count
            var index = members.count
            while index > 0 {
                index -= 1
                let member = members[index]
                // Most names differ in length already, and this is asked for every field of every message.
                guard member.name.length == length || member.name.kind == .escapedString else { continue }
                if isName(member.name, name) { return Value(bytes: bytes, token: member.value) }
            }
            return nil
        }

        /// The names of the members, in their order.
        public var names: [String] { members.compactMap { Value(bytes: bytes, token: $0.name).string } }

        private func isName(_ token: Token, _ name: String) -> Bool {
            if token.kind == .escapedString { return Value(bytes: bytes, token: token).string == name }
            var index = token.start
            for byte in name.utf8 {
                if bytes[index] != byte { return false }
                index += 1
            }
            return true
        }
    }

    /// One JSON value, read when it is asked for.
    public struct Value: Sendable {
        private let bytes: [UInt8]
        private let token: Token

        init(bytes: [UInt8], token: Token) {
            self.bytes = bytes
            self.token = token
        }

        /// What it is.
        var kind: Kind { token.kind }

        /// How it is spelt; a string without its quotes.
        var spelling: ArraySlice<UInt8> { bytes[token.start..<token.end] }

        /// Whether it is null.
        public var isNull: Bool { kind == .null }

        /// A JSON boolean; nil for everything else.
        public var bool: Bool? {
            switch kind {
            case .true: true
            case .false: false
            default: nil
            }
        }

        /// A JSON string, its escapes resolved; nil for everything else, and for half of a surrogate pair.
        public var string: String? {
            switch kind {
            case .string: String(decoding: spelling, as: UTF8.self)
            case .escapedString: unescape(spelling)
            default: nil
            }
        }

        /// A JSON number without a fractional part however it is spelt (`9`, `9.0`, `0.9e1`), in the range of Int64.
        public var integer: Int64? {
            guard kind == .number else { return nil }
            // Nearly every number is a few digits and nothing else.
            guard token.length <= 18 else { return number?.integer }
            var result: Int64 = 0
            for byte in spelling {
                guard UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte else { return number?.integer }
                result = result * 10 + Int64(byte - UInt8(ascii: "0"))
            }
            return result
        }

        /// A JSON number, exactly; nil for everything else.
        var number: JSONNumber? { kind == .number ? JSONNumber(spelling) : nil }

        /// A JSON object; nil for everything else.
        public var object: Object? {
            guard kind == .object else { return nil }
            var scanner = JSONScanner(bytes, at: token.start)
            return try? scanner.object()
        }

        /// The elements of a JSON array; nil for everything else.
        public var array: [Value]? {
            guard kind == .array else { return nil }
            var scanner = JSONScanner(bytes, at: token.start)
            return try? scanner.array().map { Value(bytes: bytes, token: $0) }
        }
    }

    /// The text of a string's inside with its escapes resolved; nil when a surrogate stands alone.
    private static func unescape(_ bytes: ArraySlice<UInt8>) -> String? {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var rest = bytes
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), let escape = rest.popFirst() else {
                result.append(byte)
                continue
            }
            if let plain = unescaped(escape) {
                result.append(plain)
            } else {
                guard let scalar = scalar(&rest), let encoded = UTF8.encode(scalar) else { return nil }
                result.append(contentsOf: encoded)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// The character of one `\u`, or of the two that make a surrogate pair; `rest` begins behind the first `u`.
    private static func scalar(_ rest: inout ArraySlice<UInt8>) -> Unicode.Scalar? {
        let first = codeUnit(&rest)
        guard UTF16.isLeadSurrogate(first) else { return Unicode.Scalar(first) }
        guard rest.starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]) else { return nil }
        rest.removeFirst(2)
        let second = codeUnit(&rest)
        guard UTF16.isTrailSurrogate(second) else { return nil }
        return Unicode.Scalar(0x1_0000 + (UInt32(first & 0x3FF) << 10 | UInt32(second & 0x3FF)))
    }

    private static func codeUnit(_ rest: inout ArraySlice<UInt8>) -> UInt16 {
        let unit = rest.prefix(4).reduce(UInt16(0)) { $0 << 4 | UInt16(hexadecimal($1) ?? 0) }
        rest = rest.dropFirst(4)
        return unit
    }

    /// The byte a one-letter escape stands for.
    static func unescaped(_ letter: UInt8) -> UInt8? {
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): letter
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: nil
        }
    }

    /// What a hexadecimal digit is worth.
    static func hexadecimal(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
