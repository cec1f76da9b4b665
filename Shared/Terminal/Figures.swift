/// Numbers as people write them.
public enum Figures {
    /// A count with its thousands apart, such as `1,234,567`.
    public static func count(_ number: Int) -> String {
        let digits = Array(String(number.magnitude))
        var text = number < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return text
    }

    /// An amount of so many hundredths, such as `$395,600.00` for 39560000.
    public static func amount(_ hundredths: Int) -> String {
        let (whole, rest) = hundredths.magnitude.quotientAndRemainder(dividingBy: 100)
        return "\(hundredths < 0 ? "-" : "")$\(count(Int(whole))).\(rest < 10 ? "0" : "")\(rest)"
    }

    /// Reads an amount as people write it (`395600`, `$395,600.00`, `0.5`) in hundredths; `nil` for what is none.
    public static func hundredths(_ text: String) -> Int? {
        let digits = text.filter { $0 != "," && $0 != " " }
        let parts = digits.drop { $0 == "$" }.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
            let whole = Int(parts[0]), whole <= Int.max / 1000
        else { return nil }
        let cents = parts.count > 1 ? parts[1] : ""
        guard cents.count <= 2, let rest = Int((cents + "00").prefix(2)) else { return nil }
        return whole * 100 + rest
    }

    /// A bar for `value` where `maximum` takes `width` columns; nothing for nothing, and at least a sliver for the rest.
    public static func bar(_ value: Int, of maximum: Int, width: Int) -> String {
        guard value > 0, maximum > 0 else { return "" }
        let eighths = max(1, Int((Double(value) / Double(max(value, maximum)) * Double(width) * 8).rounded()))
        let partial = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8]
        return String(repeating: "█", count: eighths / 8) + partial
    }
}
