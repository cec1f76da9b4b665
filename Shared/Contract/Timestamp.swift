import FoundationEssentials

/// A point in time with the precision of the wire, a millisecond: RFC 3339 in UTC (contract, "Broker").
///
/// Written out it has always three decimals and a `Z`, `2026-11-21T10:00:00.123Z`, so equal times are equal bytes.
public struct Timestamp: Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
    /// Milliseconds since 1970-01-01T00:00:00Z without leap seconds, in the years 0000 to 9999.
    public let milliseconds: Int64

    /// The earliest time, the beginning of the year 0000.
    public static let earliest = Timestamp(milliseconds: .min)
    /// The latest time, the end of the year 9999.
    public static let latest = Timestamp(milliseconds: .max)

    /// What lies outside the years 0000 to 9999 becomes the nearest time inside.
    public init(milliseconds: Int64) {
        self.milliseconds = min(max(milliseconds, -62_167_219_200_000), 253_402_300_799_999)
    }

    /// The present, by the machine's clock.
    public static var now: Timestamp {
        Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
    }

    /// The time `seconds` later, or earlier when negative.
    public func advanced(bySeconds seconds: Int) -> Timestamp {
        Timestamp(milliseconds: milliseconds + Int64(seconds.clamped) * 1000)
    }

    /// RFC 3339 in UTC with three decimals.
    public var description: String {
        var text: [UInt8] = []
        text.append(self)
        return String(decoding: text, as: UTF8.self)
    }

    /// The earlier time is the lesser one.
    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }

    /// Throws for a string that is no RFC 3339 time.
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let time = Timestamp(text) else { throw JSONDecoding.Mismatch(field: "", expected: "a time") }
        self = time
    }

    /// Encodes ``description``.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension [UInt8] {
    /// RFC 3339 in UTC with three decimals.
    mutating func append(_ timestamp: Timestamp) {
        let days = timestamp.milliseconds.floorDivided(by: 86_400_000)
        let time = Int(timestamp.milliseconds - days * 86_400_000)
        append(Day(daysSince1970: Int(days)))
        append(UInt8(ascii: "T"))
        append(time / 3_600_000, digits: 2)
        append(UInt8(ascii: ":"))
        append(time / 60_000 % 60, digits: 2)
        append(UInt8(ascii: ":"))
        append(time / 1000 % 60, digits: 2)
        append(UInt8(ascii: "."))
        append(time % 1000, digits: 3)
        append(UInt8(ascii: "Z"))
    }

    /// `yyyy-MM-dd`.
    mutating func append(_ day: Day) {
        append(day.year, digits: 4)
        append(UInt8(ascii: "-"))
        append(day.month, digits: 2)
        append(UInt8(ascii: "-"))
        append(day.day, digits: 2)
    }

    /// A number of at most `digits` digits, filled up with zeros.
    mutating func append(_ number: Int, digits: Int) {
        var divisor = digits == 4 ? 1000 : digits == 3 ? 100 : 10
        while divisor > 0 {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / divisor % 10))
            divisor /= 10
        }
    }
}

extension BinaryInteger {
    /// The quotient rounded towards minus infinity, which `/` does not do below zero.
    func floorDivided(by divisor: Self) -> Self {
        let quotient = self / divisor
        return quotient * divisor > self ? quotient - 1 : quotient
    }
}

extension Int {
    /// No more seconds than the whole calendar has, so that sums of times can't overflow.
    var clamped: Int { Swift.min(Swift.max(self, -400_000_000_000), 400_000_000_000) }
}
