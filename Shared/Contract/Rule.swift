/// What a field's value must be: reads and normalises it, or says what it should have been.
struct Rule<Value: Sendable>: Sendable {
    /// Ends the sentence "must be …".
    let expectation: String
    /// Nil for a value that breaks the rule.
    let read: @Sendable (JSON.Value) -> Value?
}

extension Rule<String> {
    /// Text of so many code points, without U+0000.
    static func text(_ limits: ClosedRange<Int>) -> Rule {
        Rule(expectation: "text of \(limits.lowerBound) to \(limits.upperBound) characters, none of them U+0000") {
            guard let text = $0.string, Text.fits(text, limits) else { return nil }
            return text
        }
    }
}

extension Rule<Int> {
    /// An integer in a range.
    static func integer(_ limits: ClosedRange<Int>) -> Rule {
        Rule(expectation: "an integer from \(limits.lowerBound) to \(limits.upperBound)") {
            guard let integer = $0.integer.map(Int.init), limits.contains(integer) else { return nil }
            return integer
        }
    }
}

/// The rules of the contract, one for each kind of field.
enum Rules {
    /// The idempotency key.
    static let requestID = Rule<String>(expectation: "1 to 64 characters out of A-Z a-z 0-9 . _ -") {
        guard let text = $0.string, 1...64 ~= text.utf8.count, text.utf8.allSatisfy(isOfRequestID) else { return nil }
        return text
    }

    static let passengerName = Rule.text(1...200)

    static let passengerAge = Rule.integer(0...130)

    /// Not lower-cased: that is for comparing only.
    static let email = Rule<String>(
        expectation: "an e-mail address: at most 254 characters, one @ with something on both sides"
    ) {
        guard let text = $0.string.map(Text.trimmed), Text.fits(text, 3...254) else { return nil }
        let parts = text.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        return parts.count == 2 && parts.allSatisfy { !$0.isEmpty } ? text : nil
    }

    /// Counted as it was sent, compared in NFC.
    static let destination = Rule<String>(expectation: Rule.text(1...100).expectation) {
        guard let text = $0.string, Text.fits(text, 1...100) else { return nil }
        return Text.nfc(text)
    }

    static let flightID = Rule.text(1...100)

    static let flag = Rule<Bool>(expectation: "true or false") { $0.bool }

    static let time = Rule<Timestamp>(expectation: "an RFC 3339 time like 2026-11-21T10:00:00Z") {
        $0.string.flatMap(Timestamp.init)
    }

    static let day = Rule<Day>(expectation: "a date like 2026-11-21") { $0.string.flatMap { Day($0) } }

    static let amount = Rule.integer(Contract.amounts)

    static let seats = Rule.integer(0...1_000_000)

    static let revision = Rule.integer(0...Int.max)

    static let chunk = Rule.integer(0...(Int.max / SettledChunk.size - 1))

    private static func isOfRequestID(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default:
            false
        }
    }
}
