/// The answer to `query.report`; amounts in minor units.
public struct Figures: Sendable, Equatable {
    /// The figures of one destination.
    public struct Line: Sendable, Equatable {
        /// Its name.
        public var destination: String
        /// How many bookings.
        public var bookings: Int
        /// The sum of their prices.
        public var collected: Int
        /// The sum of their taxes.
        public var tax: Int

        /// The figures of a destination.
        public init(_ destination: String, bookings: Int = 0, collected: Int = 0, tax: Int = 0) {
            self.destination = destination
            self.bookings = bookings
            self.collected = collected
            self.tax = tax
        }
    }

    /// The figures that are plain numbers, by their names on the wire; `candies` and `candy_cost` are those of the
    /// candies.
    public var counts: [String: Int]
    /// `customers`; nil in a filtered report.
    public var customers: Int?
    /// `preferred_destination`.
    public var preferred: String?
    /// The destinations that have bookings, in the contract's order.
    public var lines: [Line]

    /// The names of ``counts``.
    public static let names = [
        "bookings_confirmed", "bookings_rejected", "bookings_cancelled", "total_collected", "tax_collected",
        "discounts",
        "pets", "infants", "promotions", "candies", "candy_cost", "loyalty_points",
    ]

    /// A report.
    public init(counts: [String: Int], customers: Int? = nil, preferred: String? = nil, lines: [Line] = []) {
        self.counts = counts
        self.customers = customers
        self.preferred = preferred
        self.lines = lines
    }

    /// A count by its name.
    public subscript(_ name: String) -> Int {
        get { counts[name, default: 0] }
        set { counts[name] = newValue }
    }

    /// What differs in another report, in a line each.
    public func differences(from other: Figures) -> [String] {
        var texts = Self.names.filter { self[$0] != other[$0] }.map { "\($0): \(self[$0]), not \(other[$0])" }
        if customers != other.customers {
            texts.append(
                "customers: \(customers.map(String.init) ?? "none"), not \(other.customers.map(String.init) ?? "none")")
        }
        if preferred != other.preferred {
            texts.append("preferred_destination: \(preferred ?? "none"), not \(other.preferred ?? "none")")
        }
        if lines != other.lines { texts.append("destinations: \(lines), not \(other.lines)") }
        return texts
    }
}

extension Oracle {
    /// The report, of one destination and of some days where they are given.
    public func figures(of destination: String? = nil, days: ClosedRange<String>? = nil) -> Figures {
        var figures = Figures(counts: [:])
        var lines: [String: Figures.Line] = [:]
        for booking in bookings.values {
            if let destination, booking.contents.destination != destination { continue }
            if let days, !days.contains(booking.settled.day) { continue }
            figures.add(booking, rules)
            guard booking.isLive, let name = booking.contents.destination, let amounts = booking.settled.amounts else {
                continue
            }
            if let candies = candies(of: booking) {
                figures["candies"] += candies.count
                figures["candy_cost"] += candies.cost
            }
            var line = lines[name] ?? Figures.Line(name)
            line.bookings += 1
            line.collected += amounts.total
            line.tax += amounts.tax + amounts.petTax
            lines[name] = line
        }
        // By name: nothing is said of how names compare, so as everything else that no person reads, by code point.
        figures.lines = lines.values.sorted { left, right in
            if left.bookings != right.bookings { return left.bookings > right.bookings }
            return left.destination.unicodeScalars.lexicographicallyPrecedes(right.destination.unicodeScalars)
        }
        if destination == nil, days == nil {
            figures.customers = firstBookings.count
            figures.preferred = figures.lines.first?.destination
        }
        return figures
    }
}

extension Figures {
    fileprivate mutating func add(_ booking: Oracle.Booking, _ rules: Rules) {
        // The points of a first booking stay when it is cancelled.
        if booking.settled.isFirst == true { self["loyalty_points"] += rules.firstBookingPoints }
        switch booking.outcome.status {
        case .rejected: self["bookings_rejected"] += 1
        case .cancelled: self["bookings_cancelled"] += 1
        case .confirmed:
            let (contents, amounts) = (booking.contents, booking.settled.amounts)
            self["bookings_confirmed"] += 1
            self["total_collected"] += amounts?.total ?? 0
            self["tax_collected"] += (amounts?.tax ?? 0) + (amounts?.petTax ?? 0)
            self["discounts"] += amounts?.discount ?? 0
            self["pets"] += contents.hasPet == true ? 1 : 0
            self["infants"] += (contents.age ?? .max) < rules.infantsBelow ? 1 : 0
            self["promotions"] += contents.hasPromotion == true ? 1 : 0
            self["loyalty_points"] += amounts?.points ?? 0
        }
    }
}
