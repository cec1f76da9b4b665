/// By what a letter, or a group of letters, is known: 64 bits, written as 16 hexadecimal digits.
public struct LetterID: Hashable, Codable, Sendable, CustomStringConvertible {
    let bits: UInt64

    init(bits: UInt64) { self.bits = bits }

    /// An id as people and messages write it; `nil` for what is none.
    public init?(_ text: String) {
        guard text.utf8.count == 16, let bits = UInt64(text, radix: 16) else { return nil }
        self.bits = bits
    }

    /// Reads 16 hexadecimal digits.
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let id = LetterID(text) else {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "no letter's id"))
        }
        self = id
    }

    /// Writes 16 hexadecimal digits.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    /// 16 hexadecimal digits.
    public var description: String {
        let digits = String(bits, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// Ids one after the other, eight bytes each, the highest first.
    static func pack(_ ids: [LetterID]) -> [UInt8] {
        ids.flatMap { id in (0..<8).map { UInt8(truncatingIfNeeded: id.bits >> (56 - 8 * $0)) } }
    }

    /// What ``pack(_:)`` made.
    static func unpack(_ bytes: [UInt8]) -> [LetterID] {
        stride(from: 0, to: bytes.count - bytes.count % 8, by: 8).map { start in
            LetterID(bits: bytes[start..<start + 8].reduce(0) { $0 << 8 | UInt64($1) })
        }
    }
}
