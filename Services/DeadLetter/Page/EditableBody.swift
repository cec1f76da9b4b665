import Contract

/// A body as a field of a form can have it, and back: browsers turn all line ends of a field into one kind, and lose some characters.
struct EditableBody {
    /// How the bytes stand in the field.
    enum Kind: String { case text, lines, hexadecimal }

    private let old: [UInt8]
    let kind: Kind
    /// What the field shows at first.
    let text: String

    init(_ old: [UInt8]) {
        self.old = old
        let text = JSON.readable(old) ?? String(validating: old, as: UTF8.self)
        let hasOthers = text?.unicodeScalars.contains { $0 != "\n" && $0 != "\r" && $0 != "\t" && $0.value < 0x20 }
        let unix = text?.replacing("\r\n", with: "\n")
        if let text, hasOthers == false, !text.utf8.contains(UInt8(ascii: "\r")) {
            (kind, self.text) = (.text, text)
        } else if let text, let unix, hasOthers == false, unix.replacing("\n", with: "\r\n") == text,
            !unix.utf8.contains(UInt8(ascii: "\r"))
        {
            (kind, self.text) = (.lines, unix)
        } else {
            kind = .hexadecimal
            self.text = stride(from: 0, to: old.count, by: 32).map { Hex.text(old[$0..<min($0 + 32, old.count)]) }
                .joined(separator: "\n")
        }
    }

    /// The bytes that a field's contents stand for: the old ones where nothing was changed.
    /// - Throws: ``PageError`` for what are no hexadecimal digits.
    func bytes(_ field: String) throws(PageError) -> [UInt8] {
        let field = field.replacing("\r\n", with: "\n")
        if field == text { return old }
        switch kind {
        case .text: return Array(field.utf8)
        case .lines: return Array(field.replacing("\n", with: "\r\n").utf8)
        case .hexadecimal:
            guard let bytes = Hex.bytes(field.utf8) else {
                throw .wrong("body", "must be hexadecimal digits, two a byte")
            }
            return bytes
        }
    }
}
