import Contract

/// What the report and the outcomes must say, by the rules of the contract and without the services' code.
struct Expectation {
    /// The report, after one that was `before` and with all requests decided.
    private(set) var report: Report
    private var addresses: Set<String> = []
    /// How many addresses have their first booking.
    var newCustomers: Int { addresses.count }

    init(before: Report, requests: some Collection<Fate>) {
        report = before
        for fate in requests {
            switch fate {
            case .rejected: report.bookingsRejected += 1
            case .confirmed(let itinerary, let destination): add(itinerary, destination)
            }
        }
        // An address has its 500 points with the first of its bookings, and every address of a run is a new one.
        report.loyaltyPoints += 500 * addresses.count
        report.customers = (before.customers ?? 0) + addresses.count
        report.destinations.sort { left, right in
            if left.bookings != right.bookings { return left.bookings > right.bookings }
            return left.destination.unicodeScalars.lexicographicallyPrecedes(right.destination.unicodeScalars)
        }
        report.preferredDestination = report.destinations.first?.destination
    }

    private mutating func add(_ itinerary: Itinerary, _ destination: Destination) {
        let bill = Bill(itinerary, destination)
        report.bookingsConfirmed += 1
        report.totalCollected += bill.total
        report.taxCollected += bill.tax + bill.petTax
        report.discounts += bill.discount
        report.pets += itinerary.hasPet ? 1 : 0
        report.promotions += itinerary.hasPromotion ? 1 : 0
        if itinerary.age < 12 {
            report.infants += 1
            report.candies.count += 3
            report.candies.cost += 3 * 50_000
        }
        report.loyaltyPoints += bill.points
        addresses.insert(itinerary.email.filter { $0 != " " }.lowercased())
        let name = destination.destination
        let place = report.destinations.firstIndex { $0.destination == name } ?? report.destinations.endIndex
        if place == report.destinations.endIndex { report.destinations.append(Report.Line(destination: name)) }
        report.destinations[place].bookings += 1
        report.destinations[place].collected += bill.total
        report.destinations[place].tax += bill.tax + bill.petTax
    }
}

/// What a booking costs: fare, less a tenth of it rounded half up with the promotion, and taxes.
struct Bill {
    let fare: Int
    let discount: Int
    let tax: Int
    let petTax: Int
    var total: Int { fare - discount + tax + petTax }
    /// One for each full million.
    var points: Int { (total - total % 1_000_000) / 1_000_000 }

    init(_ itinerary: Itinerary, _ destination: Destination) {
        fare = destination.baseFare
        discount = itinerary.hasPromotion ? fare / 10 + (fare % 10 >= 5 ? 1 : 0) : 0
        tax = destination.tax
        petTax = itinerary.hasPet ? destination.petTax : 0
    }
}

extension Fate {
    /// What is wrong with an outcome, or `nil`.
    func difference(from outcome: BookingOutcome) -> String? {
        switch self {
        case .rejected(let reason):
            let found = outcome.reason?.rawValue ?? "not rejected but \(outcome.status)"
            return found == reason ? nil : "must be rejected as \(reason), and is \(found)"
        case .confirmed(let itinerary, let destination):
            guard outcome.status == .confirmed else {
                return "must be confirmed, and is \(outcome.status) (\(outcome.reason?.rawValue ?? "-"))"
            }
            let bill = Bill(itinerary, destination)
            let points = bill.points + (outcome.firstBooking == true ? 500 : 0)
            let figures = [
                ("passenger_age", outcome.passengerAge, itinerary.age), ("base_fare", outcome.baseFare, bill.fare),
                ("discount", outcome.discount, bill.discount), ("tax", outcome.tax, bill.tax),
                ("pet_tax", outcome.petTax, bill.petTax), ("total_price", outcome.totalPrice, bill.total),
                ("loyalty_points", outcome.loyaltyPoints, points),
            ]
            if let wrong = figures.first(where: { $0.1 != $0.2 }) {
                return "\(wrong.0) must be \(wrong.2), and is \(wrong.1.map(String.init) ?? "missing")"
            }
            return outcome.passengerName == itinerary.name ? nil : "has another passenger's name"
        }
    }
}
