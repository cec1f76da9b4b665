import CCrypto

/// Codes that nobody can make who does not know the key: HMAC-SHA-256.
struct Seal: Sendable {
    private let key: [UInt8]

    init(key: String) { self.key = Array(key.utf8) }

    /// The code of a text for a purpose, as hexadecimal digits.
    func code(_ purpose: StaticString, _ text: String = "") -> String {
        let data = Array("\(purpose)\n\(text)".utf8)
        var code = [UInt8](repeating: 0, count: 32)
        // It fails only without memory.
        guard caramelo_hmac(key, key.count, data, data.count, &code) == 1 else { fatalError("no HMAC") }
        return Hex.text(code)
    }

    /// Whether two codes are the same, in a time that does not tell where they differ.
    static func areEqual(_ left: String, _ right: String) -> Bool {
        let (left, right) = (Array(left.utf8), Array(right.utf8))
        return left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
    }
}
