/// The fields of a query or a form, in their order: `application/x-www-form-urlencoded`.
struct Form: Sendable, ExpressibleByDictionaryLiteral {
    private(set) var fields: [(name: String, value: String)] = []

    /// Reads what a browser sent; what is no percent-encoding stands for itself.
    init(_ text: some StringProtocol) {
        for field in text.utf8.split(separator: UInt8(ascii: "&")) {
            let parts = field.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            fields.append((Self.decoded(parts[0]), parts.count > 1 ? Self.decoded(parts[1]) : ""))
        }
    }

    init(dictionaryLiteral fields: (String, String)...) { self.fields = fields.map { (name: $0.0, value: $0.1) } }

    /// The value of a field; `nil` where it is missing or empty.
    subscript(name: String) -> String? {
        fields.first { $0.name == name }.flatMap { $0.value.isEmpty ? nil : $0.value }
    }

    /// The values of all fields of that name.
    func all(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }

    /// Adds a field, where there is a value.
    mutating func add(_ name: String, _ value: String?) { if let value { fields.append((name, value)) } }

    /// The address of a page with these fields as its query.
    func link(_ path: String) -> String {
        let query = fields.map { "\(Self.encoded($0.name))=\(Self.encoded($0.value))" }.joined(separator: "&")
        return query.isEmpty ? path : "\(path)?\(query)"
    }

    /// The address of something by its name, whatever is in that.
    static func path(_ folder: StaticString, _ name: String) -> String { "/\(folder)/\(encoded(name))" }

    private static func encoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                bytes.append(byte)
            default: bytes += "%\(Hex.text([byte]).uppercased())".utf8
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func decoded(_ text: some Sequence<UInt8>) -> String {
        let text = Array(text)
        var bytes: [UInt8] = []
        var place = 0
        while place < text.count {
            if text[place] == UInt8(ascii: "%"), place + 2 < text.count,
                let byte = Hex.bytes(text[(place + 1)...(place + 2)])?.first
            {
                bytes.append(byte)
                place += 3
            } else {
                bytes.append(text[place] == UInt8(ascii: "+") ? UInt8(ascii: " ") : text[place])
                place += 1
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Hexadecimal digits, two a byte.
enum Hex {
    private static let all = Array("0123456789abcdef".utf8)

    static func digits(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        bytes.flatMap { [all[Int($0 >> 4)], all[Int($0 & 15)]] }
    }

    static func text(_ bytes: some Sequence<UInt8>) -> String { String(decoding: digits(bytes), as: UTF8.self) }

    /// The bytes that the digits stand for, white space left aside; `nil` for what are none.
    static func bytes(_ text: some Sequence<UInt8>) -> [UInt8]? {
        var digits: [UInt8] = []
        for character in text where ![0x20, 0x09, 0x0a, 0x0d].contains(character) {
            guard let digit = all.firstIndex(of: (65...70).contains(character) ? character + 32 : character) else {
                return nil
            }
            digits.append(UInt8(digit))
        }
        guard digits.count.isMultiple(of: 2) else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}
