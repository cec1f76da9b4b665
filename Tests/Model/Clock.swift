/// Times on the wire.
public enum Clock {
    /// Milliseconds from 1970 to an RFC 3339 time; nil for anything else.
    public static func milliseconds(_ text: String) -> Int? {
        let bytes = Array(text.utf8)
        func number(_ range: Range<Int>) -> Int? {
            guard range.upperBound <= bytes.count, bytes[range].allSatisfy({ 48...57 ~= $0 }) else { return nil }
            return bytes[range].reduce(0) { $0 * 10 + Int($1) - 48 }
        }
        func has(_ characters: String, at index: Int) -> Bool {
            bytes.indices.contains(index) && characters.utf8.contains(bytes[index])
        }
        guard let year = number(0..<4), has("-", at: 4), let month = number(5..<7), has("-", at: 7),
            let day = number(8..<10), has("Tt", at: 10), let hour = number(11..<13), has(":", at: 13),
            let minute = number(14..<16), has(":", at: 16), let second = number(17..<19),
            1...12 ~= month, 1...length(of: month, in: year) ~= day, hour < 24, minute < 60, second < 60
        else { return nil }
        var end = 19
        var fraction = 0
        if has(".", at: end) {
            let digits = bytes[(end + 1)...].prefix { 48...57 ~= $0 }
            if digits.isEmpty { return nil }
            fraction = (Array(digits.prefix(3)) + [48, 48]).prefix(3).reduce(0) { $0 * 10 + Int($1) - 48 }
            end = digits.endIndex
        }
        var offset = 0
        if has("+-", at: end), let hours = number(end + 1..<end + 3), has(":", at: end + 3),
            let minutes = number(end + 4..<end + 6), hours < 24, minutes < 60
        {
            offset = (hours * 60 + minutes) * (has("-", at: end) ? -1 : 1)
            end += 6
        } else if has("Zz", at: end) {
            end += 1
        } else {
            return nil
        }
        guard end == bytes.count else { return nil }
        let minutes = (days(before: year, month) + day - 1) * 1440 + hour * 60 + minute - offset
        return (minutes * 60 + second) * 1000 + fraction
    }

    /// Days from 1970 to the first of a month, counted one by one: slow, and hard to get wrong.
    private static func days(before year: Int, _ month: Int) -> Int {
        let years = min(1970, year)..<max(1970, year)
        let ofYears = years.reduce(0) { $0 + (length(of: 2, in: $1) == 29 ? 366 : 365) }
        return (1..<month).reduce(year < 1970 ? -ofYears : ofYears) { $0 + length(of: $1, in: year) }
    }

    private static func length(of month: Int, in year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}
