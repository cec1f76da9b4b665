/// RFC 2045's encoding of text, which stays readable where it is ASCII.
enum QuotedPrintable {
    /// The most characters of a line.
    private static let lineLimit = 76

    /// The text with its line ends (LF or CRLF) as CRLF, one at the end too.
    static func encode(_ text: String) -> [UInt8] {
        var encoded: [UInt8] = []
        var lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        for line in lines {
            append(line.last == UInt8(ascii: "\r") ? line.dropLast() : line, to: &encoded)
            encoded += [UInt8(ascii: "\r"), UInt8(ascii: "\n")]
        }
        return encoded
    }

    private static func append(_ line: Substring.UTF8View.SubSequence, to encoded: inout [UInt8]) {
        var column = 0
        for index in line.indices {
            let isLast = line.index(after: index) == line.endIndex
            let piece = piece(line[index], isFirst: column == 0, isLast: isLast)
            // The last column is kept for the = that ends a line which goes on.
            if column + piece.count > (isLast ? lineLimit : lineLimit - 1) {
                encoded += Array("=\r\n".utf8)
                column = 0
            }
            encoded += piece
            column += piece.count
        }
    }

    /// One byte. White space at the end of a line may get lost on the way, and a dot at its beginning means something
    /// to SMTP, so these are written as numbers too.
    private static func piece(_ byte: UInt8, isFirst: Bool, isLast: Bool) -> [UInt8] {
        let isPlain =
            switch byte {
            case UInt8(ascii: " "): !isLast
            case UInt8(ascii: "."): !isFirst
            case UInt8(ascii: "="): false
            default: 0x21...0x7E ~= byte
            }
        return isPlain ? [byte] : Array(("=" + hexadecimal(byte)).utf8)
    }

    /// Two digits, capitals.
    static func hexadecimal(_ byte: UInt8) -> String {
        let text = String(byte, radix: 16, uppercase: true)
        return byte < 16 ? "0" + text : text
    }
}
