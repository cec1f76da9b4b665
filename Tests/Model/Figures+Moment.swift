extension Figures {
    /// What can't be in a report of any moment: negative figures, or those of one event without each other.
    /// - Parameter fare: that of the one destination the report is of, where it never changed: then the sums follow from
    ///   the counts to the unit.
    public func contradictions(_ rules: Rules, fare: Fare? = nil) -> [String] {
        var wrong = Self.names.filter { self[$0] < 0 }.map { "\($0) is \(self[$0])" }
        func equal(_ name: String, _ expected: Int, _ what: String) {
            if self[name] != expected { wrong.append("\(name) is \(self[name]), but \(what) \(expected)") }
        }
        func atMost(_ name: String, _ limit: Int, _ what: String) {
            if self[name] > limit { wrong.append("\(name) is \(self[name]), but \(what) \(limit)") }
        }
        for line in lines where line.bookings < 0 || line.collected < 0 || line.tax < 0 { wrong.append("\(line)") }
        equal("bookings_confirmed", lines.reduce(0) { $0 + $1.bookings }, "of the destinations'")
        equal("total_collected", lines.reduce(0) { $0 + $1.collected }, "of the destinations'")
        equal("tax_collected", lines.reduce(0) { $0 + $1.tax }, "of the destinations'")
        for name in ["pets", "infants", "promotions"] { atMost(name, self["bookings_confirmed"], "bookings") }
        // Candies follow their booking, so there may be fewer for a while.
        if rules.candyMaximumAge == rules.infantsBelow {
            atMost("candies", self["infants"] * rules.candiesPerChild, "for so many infants")
        }
        equal("candy_cost", self["candies"] * rules.candyCost, "for so many")
        if let preferred, preferred != lines.first?.destination { wrong.append("preferred is \(preferred)") }
        if let customers, customers < 0 { wrong.append("customers is \(customers)") }
        if let fare {
            let bookings = self["bookings_confirmed"]
            let discount = fare.amounts(hasPet: false, hasPromotion: true).discount
            equal("discounts", self["promotions"] * discount, "for so many promotions")
            equal("tax_collected", bookings * fare.tax + self["pets"] * fare.petTax, "for so many bookings and pets")
            equal("total_collected", bookings * fare.base - self["discounts"] + self["tax_collected"], "reckoned")
        }
        return wrong
    }

    /// What can't be in a later report than this: fewer of what never gets less.
    public func contradictions(later: Figures) -> [String] {
        func fewer(_ what: String, _ count: (Figures) -> Int) -> String? {
            count(later) < count(self) ? "\(what) went from \(count(self)) to \(count(later))" : nil
        }
        return [
            fewer("bookings_rejected") { $0["bookings_rejected"] },
            fewer("bookings_cancelled") { $0["bookings_cancelled"] },
            fewer("bookings_confirmed and cancelled") { $0["bookings_confirmed"] + $0["bookings_cancelled"] },
            fewer("customers") { $0.customers ?? 0 },
        ].compactMap(\.self)
    }
}
