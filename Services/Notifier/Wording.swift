import Contract

/// What letters say in one language, and how it writes amounts and times.
protocol Wording: Sendable {
    /// As in `Content-Language`.
    var language: String { get }
    /// The line under everything.
    var closing: String { get }
    var welcomeSubject: String { get }
    /// What a new customer is told.
    var welcome: String { get }

    /// - Parameter name: empty where it is not known.
    func greeting(_ name: String) -> String
    func subject(_ outcome: BookingOutcome) -> String
    /// What happened, in a sentence or two.
    func news(_ outcome: BookingOutcome) -> String
    func label(_ detail: Detail) -> String
    func passenger(_ name: String, age: Int?) -> String
    /// - Parameters:
    ///   - minor: the amount in minor units, of which 100 are one.
    ///   - currency: ISO 4217.
    func amount(_ minor: Int, _ currency: String) -> String
    func time(_ time: LocalTime) -> String
}

extension Wording {
    /// The digits of an amount, in groups of three, and two decimals where it is not whole.
    func number(_ minor: Int, group: String, decimal: String) -> String {
        let (whole, cents) = minor.magnitude.quotientAndRemainder(dividingBy: 100)
        var text = ""
        let digits = String(whole)
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text += group }
            text.append(digit)
        }
        if cents > 0 { text += decimal + (cents < 10 ? "0" : "") + String(cents) }
        return text
    }

    /// U+2212 for an amount below zero.
    func sign(_ minor: Int) -> String { minor < 0 ? "−" : "" }
}
