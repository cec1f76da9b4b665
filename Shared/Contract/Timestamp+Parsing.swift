extension Timestamp {
    /// Reads RFC 3339's `date-time`: any offset, `T` and `Z` in either case, any number of decimals, of which those
    /// past the milliseconds are dropped.
    ///
    /// A leap second is read as the last millisecond before it, and is one only at 23:59:60 UTC. Nil for everything
    /// else, for days that do not exist and for times that lie outside the years 0000 to 9999 in UTC.
    public init?(_ text: String) {
        var rest = ASCIIDigits(text)
        guard let year = rest.number(4), rest.take("-"), let month = rest.number(2), rest.take("-"),
            let day = rest.number(2), rest.take("T") || rest.take("t"),
            let hour = rest.number(2), rest.take(":"), let minute = rest.number(2), rest.take(":"),
            let second = rest.number(2), let fraction = rest.milliseconds(), let offset = rest.offset(), rest.isAtEnd,
            let date = Day(year: year, month: month, day: day), hour < 24, minute < 60, second <= 60
        else { return nil }
        let minutes = date.daysSince1970 * 1440 + hour * 60 + minute - offset
        let isLeapSecond = second == 60
        if isLeapSecond, minutes.floorDivided(by: 1440) * 1440 + 1439 != minutes { return nil }
        let exact = Int64(minutes) * 60_000 + (isLeapSecond ? 59_999 : Int64(second * 1000 + fraction))
        self.init(milliseconds: exact)
        guard milliseconds == exact else { return nil }
    }
}

/// Takes fixed-width numbers and punctuation off the front of a text.
struct ASCIIDigits {
    private let text: [UInt8]
    private var position = 0

    init(_ text: String) { self.text = Array(text.utf8) }

    var isAtEnd: Bool { position == text.count }

    private var current: UInt8? { position < text.count ? text[position] : nil }

    /// A number of exactly so many digits.
    mutating func number(_ digits: Int) -> Int? {
        var result = 0
        for _ in 0..<digits {
            guard let digit = digit() else { return nil }
            result = result * 10 + digit
        }
        return result
    }

    private mutating func digit() -> Int? {
        guard let byte = current, UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte else { return nil }
        position += 1
        return Int(byte - UInt8(ascii: "0"))
    }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard let byte = current, byte == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    /// The decimals after a point, 0 when there is no point; nil for a point without digits.
    mutating func milliseconds() -> Int? {
        guard take(".") else { return 0 }
        guard let tenths = digit() else { return nil }
        let hundredths = digit()
        let thousandths = hundredths == nil ? nil : digit()
        while digit() != nil {}
        return tenths * 100 + (hundredths ?? 0) * 10 + (thousandths ?? 0)
    }

    /// An offset in minutes east of UTC.
    mutating func offset() -> Int? {
        if take("Z") || take("z") { return 0 }
        let isWest = current == UInt8(ascii: "-")
        guard take("+") || take("-"), let hours = number(2), take(":"), let minutes = number(2), hours < 24,
            minutes < 60
        else { return nil }
        return isWest ? -(hours * 60 + minutes) : hours * 60 + minutes
    }
}
