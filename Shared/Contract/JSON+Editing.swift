extension JSON {
    /// A body for people: each member and element on a line of its own, indented; `nil` for what is no JSON object.
    ///
    /// Numbers, strings and the order of members stay as they are spelt.
    public static func readable(_ body: [UInt8]) -> String? {
        guard (try? object(body)) != nil else { return nil }
        var result: [UInt8] = []
        var depth = 0
        var isInString = false
        var isEscaped = false
        var previous: UInt8 = 0
        func newLine() { result += [UInt8(ascii: "\n")] + [UInt8](repeating: UInt8(ascii: " "), count: 2 * depth) }
        for byte in body {
            if isInString {
                result.append(byte)
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte
                    == UInt8(ascii: "\"")
                {
                    isInString = false
                }
                previous = byte
                continue
            }
            if [0x20, 0x09, 0x0a, 0x0d].contains(byte) { continue }
            let closes = byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]")
            let opened = previous == UInt8(ascii: "{") || previous == UInt8(ascii: "[")
            if closes { depth -= 1 }
            if (opened && !closes) || (closes && !opened) { newLine() }
            result.append(byte)
            switch byte {
            case UInt8(ascii: "\""): isInString = true
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: ","): newLine()
            case UInt8(ascii: ":"): result.append(UInt8(ascii: " "))
            default: break
            }
            previous = byte
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// A body with one member changed or, where there is none of that name, added; all others stay as they are spelt.
    /// - Parameter value: JSON, or else a text.
    /// - Throws: ``Unreadable`` if the body is no JSON object.
    public static func setting(_ name: String, to value: String, in body: [UInt8]) throws(Unreadable) -> [UInt8] {
        let object = try object(body)
        let json = Array(value.utf8)
        let isJSON = (try? self.object(Array(#"{"v":"#.utf8) + json + [UInt8(ascii: "}")]))?.members.count == 1
        let spelling = isJSON ? json : encode([value]).dropFirst().dropLast().map { $0 }
        var members: [[UInt8]] = []
        var isSet = false
        for member in object.members {
            let known = Value(bytes: object.bytes, token: member.name)
            let isWanted = known.string == name
            guard !isWanted || !isSet else { continue }
            let kept = Value(bytes: object.bytes, token: member.value)
            let quoted = kept.kind == .string || kept.kind == .escapedString
            let old = quoted ? [UInt8(ascii: "\"")] + kept.spelling + [UInt8(ascii: "\"")] : Array(kept.spelling)
            members.append(
                [UInt8(ascii: "\"")] + known.spelling + Array("\":".utf8) + (isWanted ? spelling : old))
            isSet = isSet || isWanted
        }
        if !isSet { members.append(encode([name]).dropFirst().dropLast() + [UInt8(ascii: ":")] + spelling) }
        return [UInt8(ascii: "{")] + members.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "}")]
    }
}
