/// What a `booking.request` says, by the contract's section "Commands": normalised, and nil where it is invalid.
struct Contents: Sendable, Hashable {
    private(set) var name: String?
    private(set) var age: Int?
    /// Trimmed and in lower case: the form in which addresses are compared.
    private(set) var email: String?
    /// Compared in NFC, which is how Swift compares any two texts.
    private(set) var destination: String?
    private(set) var hasPet: Bool?
    private(set) var hasPromotion: Bool?
    private(set) var flight: String?
    /// Milliseconds since 1970.
    private(set) var expires: Int?
    /// The invalid fields with what stands there (null where nothing does), since that tells twins apart, too.
    private(set) var invalid: [String: Value] = [:]

    init(_ request: SentRequest) {
        name = read("passenger_name", of: request) { Self.text($0, 1...200) }
        age = read("passenger_age", of: request) { value in value.integer.flatMap { 0...130 ~= $0 ? $0 : nil } }
        email = read("email", of: request, Self.address)
        destination = read("destination", of: request) { Self.text($0, 1...100) }
        hasPet = read("has_pet", of: request, otherwise: false, \.flag)
        hasPromotion = read("has_promotion", of: request, otherwise: false, \.flag)
        flight = optional("flight_id", of: request) { Self.text($0, 1...100) }
        expires = optional("expires_at", of: request) { $0.text.flatMap(Clock.milliseconds) }
    }

    var isValid: Bool { invalid.isEmpty }

    /// A required field, or one that stands for `otherwise` where it is missing.
    private mutating func read<Result>(
        _ field: String, of request: SentRequest, otherwise: Result? = nil, _ rule: (Value) -> Result?
    ) -> Result? {
        let value = request.fields[field] ?? .null
        if value == .null, let otherwise { return otherwise }
        let result = rule(value)
        // 131.0 is 131, wrong as it is.
        if result == nil { invalid[field] = value.integer.map(Value.integer) ?? value }
        return result
    }

    private mutating func optional<Result>(
        _ field: String, of request: SentRequest, _ rule: (Value) -> Result?
    ) -> Result? {
        guard let value = request.fields[field], value != .null else { return nil }
        return read(field, of: request, rule)
    }

    /// Text of so many code points, without U+0000.
    static func text(_ value: Value, _ limits: ClosedRange<Int>) -> String? {
        guard let text = value.text, limits ~= text.unicodeScalars.count else { return nil }
        return text.unicodeScalars.contains("\0") ? nil : text
    }

    /// At most 254 characters, trimmed, one `@` with something on both sides.
    private static func address(_ value: Value) -> String? {
        guard var scalars = value.text.map({ Array($0.unicodeScalars) }) else { return nil }
        while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
        while let first = scalars.first, first.properties.isWhitespace { scalars.removeFirst() }
        guard scalars.count <= 254, scalars.count(where: { $0 == "@" }) == 1, !scalars.contains("\0"),
            scalars.first != "@", scalars.last != "@"
        else { return nil }
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        return String(text).lowercased()
    }
}
