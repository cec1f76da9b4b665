/// A JSON number taken apart exactly, without a detour over floating point: ± 0.d₁d₂… × 10^exponent.
struct JSONNumber: Equatable {
    /// Whether it is below zero; never so for zero.
    let isNegative: Bool
    /// The digits without zeros at either end; none for zero.
    let digits: [UInt8]
    /// Where the decimal point stands, counted from before the first digit.
    let exponent: Int

    /// `text` must be a number by JSON's grammar.
    init(_ text: ArraySlice<UInt8>) {
        var digits: [UInt8] = []
        var point: Int?
        var written = 0
        var isWrittenNegative = false
        var rest = text
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative { rest.removeFirst() }
        loop: while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "."):
                point = digits.count
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                isWrittenNegative = rest.first == UInt8(ascii: "-")
                for digit in rest where digit >= UInt8(ascii: "0") {
                    // Far past anything that fits, yet far from overflow.
                    written = min(written * 10 + Int(digit - UInt8(ascii: "0")), 1_000_000_000)
                }
                break loop
            default:
                digits.append(byte - UInt8(ascii: "0"))
            }
        }
        let leading = digits.prefix { $0 == 0 }.count
        let exponent = (point ?? digits.count) - leading + (isWrittenNegative ? -written : written)
        digits.removeFirst(leading)
        while digits.last == 0 { digits.removeLast() }
        self.isNegative = isNegative && !digits.isEmpty
        self.digits = digits
        self.exponent = digits.isEmpty ? 0 : exponent
    }

    /// The number if it is an integer in the range of Int64.
    var integer: Int64? {
        if digits.isEmpty { return 0 }
        guard digits.count <= exponent, exponent <= 19 else { return nil }
        var result: Int64 = 0
        for position in 0..<exponent {
            let (tenfold, overflow) = result.multipliedReportingOverflow(by: 10)
            let digit = position < digits.count ? Int64(digits[position]) : 0
            // Counted downwards where it is negative: Int64.min has no positive twin.
            let (sum, carry) = tenfold.addingReportingOverflow(isNegative ? -digit : digit)
            if overflow || carry { return nil }
            result = sum
        }
        return result
    }

    /// One spelling for all spellings of the same number.
    var canonical: String {
        "\(isNegative ? "-" : "")0.\(digits.map(String.init).joined())e\(exponent)"
    }

    /// The nearest floating-point number.
    var double: Double { Double(canonical) ?? .nan }
}
