/// JSON text that grows at its end, with the objects and arrays that are not closed yet.
struct JSONBuffer {
    /// The text so far.
    private(set) var bytes: [UInt8] = []
    /// The closing bytes that are still due, the innermost last.
    private var due: [UInt8] = []

    init() {
        bytes.reserveCapacity(640)
        due.reserveCapacity(8)
    }

    /// How many objects and arrays are open.
    var depth: Int { due.count }

    /// Begins an object.
    mutating func openObject() {
        bytes.append(UInt8(ascii: "{"))
        due.append(UInt8(ascii: "}"))
    }

    /// Begins an array.
    mutating func openArray() {
        bytes.append(UInt8(ascii: "["))
        due.append(UInt8(ascii: "]"))
    }

    /// Closes what is open beyond `depth`.
    mutating func close(to depth: Int) {
        while due.count > depth, let closing = due.popLast() { bytes.append(closing) }
    }

    /// Makes room for the next element of the array, or member of the object, that is `depth` levels deep.
    mutating func next(at depth: Int) {
        close(to: depth)
        // No value ends in an opening bracket, so after one this is the first.
        guard let last = bytes.last, last != UInt8(ascii: "{"), last != UInt8(ascii: "[") else { return }
        bytes.append(UInt8(ascii: ","))
    }

    /// Makes room for a member's value and writes its name.
    mutating func next(_ name: String, at depth: Int) {
        next(at: depth)
        append(name)
        bytes.append(UInt8(ascii: ":"))
    }

    mutating func appendNull() { bytes.append(contentsOf: "null".utf8) }

    mutating func append(_ value: Bool) { bytes.append(contentsOf: (value ? "true" : "false").utf8) }

    mutating func append<T: FixedWidthInteger>(_ value: T) { bytes.append(contentsOf: String(value).utf8) }

    /// JSON knows no infinity and no NaN.
    mutating func append(_ value: Double) { bytes.append(contentsOf: (value.isFinite ? "\(value)" : "null").utf8) }

    mutating func append(_ value: Timestamp) {
        bytes.append(UInt8(ascii: "\""))
        bytes.append(value)
        bytes.append(UInt8(ascii: "\""))
    }

    mutating func append(_ value: String) {
        bytes.append(UInt8(ascii: "\""))
        if value.utf8.withContiguousStorageIfAvailable({ appendPlain($0) }) != true {
            for byte in value.utf8 {
                if Self.isPlain(byte) { bytes.append(byte) } else { escape(byte) }
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Appends text in one piece; false, and nothing happened, when some of it must be escaped.
    private mutating func appendPlain(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard text.allSatisfy(Self.isPlain) else { return false }
        bytes.append(contentsOf: text)
        return true
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    private mutating func escape(_ byte: UInt8) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        case 0..<0x20: bytes.append(contentsOf: "\(byte < 0x10 ? "u000" : "u00")\(String(byte, radix: 16))".utf8)
        default: bytes.append(byte)
        }
    }
}
