@_spi(_Unicode) import Swift

/// What the contract says of text: lengths in code points, NFC for destinations, trimmed e-mail addresses.
enum Text {
    /// Normalisation form C, in which destinations are compared.
    static func nfc(_ text: String) -> String {
        // Nothing below U+0300, the first byte of which is 0xCC, ever changes: neither ASCII nor Spanish needs it.
        if text.utf8.allSatisfy({ $0 < 0xCC }) { return text }
        var scalars = String.UnicodeScalarView()
        scalars.append(contentsOf: text._nfc)
        return String(scalars)
    }

    /// The text without white space (by Unicode's definition) at either end.
    static func trimmed(_ text: String) -> String {
        let scalars = text.unicodeScalars
        let isPlain = scalars.first?.properties.isWhitespace != true && scalars.last?.properties.isWhitespace != true
        if isPlain { return text }
        let start = scalars.firstIndex { !$0.properties.isWhitespace } ?? scalars.endIndex
        guard let last = scalars.lastIndex(where: { !$0.properties.isWhitespace }) else { return "" }
        return String(scalars[start...last])
    }

    /// Whether the length in code points is within `limits` and U+0000 does not occur.
    static func fits(_ text: String, _ limits: ClosedRange<Int>) -> Bool {
        let utf8 = text.utf8
        guard !utf8.contains(0) else { return false }
        // A code point takes one to four bytes, so counting is seldom needed.
        if utf8.count < limits.lowerBound || utf8.count > limits.upperBound * 4 { return false }
        return limits.contains(text.unicodeScalars.count)
    }
}
