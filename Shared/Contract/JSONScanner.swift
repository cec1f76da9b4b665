/// Walks once over a JSON text and notes where the members of its outermost object or array are.
///
/// What lies deeper is checked but not kept, without recursion: nesting costs a byte a level and can't exhaust a stack.
struct JSONScanner {
    /// Where the text stops being JSON.
    struct Malformed: Error, CustomStringConvertible {
        let position: Int
        let expected: String
        var description: String { "at byte \(position): expected \(expected)" }
    }

    private let bytes: [UInt8]
    private var position: Int

    /// Begins at `position` of `bytes`, which must be valid UTF-8.
    init(_ bytes: [UInt8], at position: Int = 0) {
        self.bytes = bytes
        self.position = position
    }

    /// An object with nothing but white space around it.
    mutating func wholeObject() throws(Malformed) -> JSON.Object {
        skipSpace()
        guard current == UInt8(ascii: "{") else { throw failure("a JSON object") }
        let object = try object()
        skipSpace()
        guard current == nil else { throw failure("the end") }
        return object
    }

    /// The object that begins at the current byte, which must be its brace.
    mutating func object() throws(Malformed) -> JSON.Object {
        var members: [JSON.Member] = []
        members.reserveCapacity(16)
        position += 1
        skipSpace()
        if take(UInt8(ascii: "}")) { return JSON.Object(bytes: bytes, members: members) }
        repeat {
            let name = try key()
            skipSpace()
            members.append(JSON.Member(name: name, value: try value()))
            skipSpace()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw failure("',' or '}'") }
        return JSON.Object(bytes: bytes, members: members)
    }

    /// The elements of the array that begins at the current byte, which must be its bracket.
    mutating func array() throws(Malformed) -> [JSON.Token] {
        var elements: [JSON.Token] = []
        position += 1
        skipSpace()
        if take(UInt8(ascii: "]")) { return elements }
        repeat {
            skipSpace()
            elements.append(try value())
            skipSpace()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw failure("',' or ']'") }
        return elements
    }

    /// The value that begins at the current byte.
    private mutating func value() throws(Malformed) -> JSON.Token {
        switch current {
        case UInt8(ascii: "{"): try container(.object)
        case UInt8(ascii: "["): try container(.array)
        default: try scalar()
        }
    }

    /// A whole object or array: `open` holds the closing bytes that are still due.
    private mutating func container(_ kind: JSON.Kind) throws(Malformed) -> JSON.Token {
        let start = position
        var open: [UInt8] = []
        repeat {
            skipSpace()
            if let closing = closingByte {
                position += 1
                skipSpace()
                open.append(closing)
                if current != closing {
                    if closing == UInt8(ascii: "}") { _ = try key() }
                    continue
                }
            } else {
                _ = try scalar()
            }
            while let closing = open.last {
                skipSpace()
                if take(closing) {
                    open.removeLast()
                } else if take(UInt8(ascii: ",")) {
                    if closing == UInt8(ascii: "}") { _ = try key() }
                    break
                } else {
                    throw failure("',' or a closing bracket")
                }
            }
        } while !open.isEmpty
        return JSON.Token(kind: kind, start: start, end: position)
    }

    /// A member's name with its colon.
    private mutating func key() throws(Malformed) -> JSON.Token {
        skipSpace()
        guard current == UInt8(ascii: "\"") else { throw failure("a name in quotes") }
        let name = try string()
        skipSpace()
        guard take(UInt8(ascii: ":")) else { throw failure("':'") }
        return name
    }

    private mutating func scalar() throws(Malformed) -> JSON.Token {
        switch current {
        case UInt8(ascii: "\""): try string()
        case UInt8(ascii: "t"): try literal("true", .true)
        case UInt8(ascii: "f"): try literal("false", .false)
        case UInt8(ascii: "n"): try literal("null", .null)
        default: try number()
        }
    }

    private mutating func literal(_ text: StaticString, _ kind: JSON.Kind) throws(Malformed) -> JSON.Token {
        let start = position
        let end = start + text.utf8CodeUnitCount
        guard end <= bytes.count, bytes[start..<end].elementsEqual("\(text)".utf8) else { throw failure("a value") }
        position = end
        return JSON.Token(kind: kind, start: start, end: end)
    }

    /// The token of a string is what stands between its quotes.
    private mutating func string() throws(Malformed) -> JSON.Token {
        position += 1
        let start = position
        var kind = JSON.Kind.string
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return JSON.Token(kind: kind, start: start, end: position - 1)
            case UInt8(ascii: "\\"):
                kind = .escapedString
                position += 1
                try escape()
            case 0..<0x20:
                throw failure("no control character in a string")
            default:
                position += 1
            }
        }
        throw failure("the end of a string")
    }

    private mutating func escape() throws(Malformed) {
        switch current {
        case UInt8(ascii: "u"):
            position += 1
            for _ in 0..<4 {
                guard current.flatMap(JSON.hexadecimal) != nil else { throw failure("four hexadecimal digits") }
                position += 1
            }
        case let byte? where JSON.unescaped(byte) != nil:
            position += 1
        default:
            throw failure("an escape that JSON knows")
        }
    }

    private mutating func number() throws(Malformed) -> JSON.Token {
        let start = position
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try digits() }
        if take(UInt8(ascii: ".")) { try digits() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits()
        }
        return JSON.Token(kind: .number, start: start, end: position)
    }

    private mutating func digits() throws(Malformed) {
        let start = position
        while let byte = current, UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte { position += 1 }
        guard position > start else { throw failure("a value or a digit") }
    }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private var closingByte: UInt8? {
        switch current {
        case UInt8(ascii: "{"): UInt8(ascii: "}")
        case UInt8(ascii: "["): UInt8(ascii: "]")
        default: nil
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard current == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private func failure(_ expected: String) -> Malformed { Malformed(position: position, expected: expected) }
}
