/// FNV-1a with 64 bits over a sequence of fields.
///
/// Each field adds one byte for its state (0 absent, 1 valid, 2 invalid) and, unless absent, the length of its text
/// in UTF-8 as eight bytes, the lowest first, and the text. Values are stored with the bookings, so none of this may
/// ever change; a new field may only be added at the end, and only when it is present.
struct ContentHash {
    private var state: UInt64 = 0xcbf2_9ce4_8422_2325

    /// The hash of what was added so far.
    var value: Int64 { Int64(bitPattern: state) }

    /// A valid field, nil when absent.
    mutating func add(_ text: String?) { add(text, state: 1) }

    /// An invalid field by its canonical JSON, nil when absent.
    mutating func add(invalid json: String?) { add(json, state: 2) }

    private mutating func add(_ text: String?, state: UInt8) {
        guard let text else { return mix(0) }
        mix(state)
        let length = UInt64(text.utf8.count)
        for shift in stride(from: UInt64(0), to: 64, by: 8) { mix(UInt8(truncatingIfNeeded: length >> shift)) }
        for byte in text.utf8 { mix(byte) }
    }

    private mutating func mix(_ byte: UInt8) {
        state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
    }
}

extension JSON.Value {
    /// One spelling for every spelling of the same value, as far as that can be had without reading it as a tree:
    /// strings without escapes, numbers in one notation, lists and objects without white space.
    var canonical: String {
        switch kind {
        case .null: "null"
        case .true: "true"
        case .false: "false"
        case .number: number?.canonical ?? ""
        case .string, .escapedString: "\"\(string ?? String(decoding: spelling, as: UTF8.self))"
        case .array, .object: withoutSpace
        }
    }

    private var withoutSpace: String {
        var isInString = false
        var isEscaped = false
        let kept = spelling.filter { byte in
            if isInString {
                isInString = isEscaped || byte != UInt8(ascii: "\"")
                isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
                return true
            }
            isInString = byte == UInt8(ascii: "\"")
            return byte > 0x20
        }
        return String(decoding: kept, as: UTF8.self)
    }
}
