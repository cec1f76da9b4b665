import Model

/// Compares what the system knew with what the oracle says.
public struct Comparison {
    private let oracle: Oracle
    private let observed: Observations
    /// Everything that differs.
    public private(set) var differences: [Difference] = []

    /// Compares them.
    public init(_ oracle: Oracle, _ observed: Observations) {
        self.oracle = oracle
        self.observed = observed
        compareBookings()
        for (question, told) in observed.reports { compare(told, question) }
        compareFlights()
        compareCustomers()
        compareDestinations()
        compareLetters()
    }

    private mutating func report(_ subject: String, _ problem: String, _ kind: Difference.Kind = .unexpected) {
        differences.append(Difference(subject, problem, kind))
    }

    private mutating func compareBookings() {
        for (id, booking) in oracle.bookings {
            guard let told = observed.bookings[id]?.outcome else {
                report(id, "no outcome, but \(booking.outcome)", .lost)
                continue
            }
            if told != booking.outcome { report(id, "\(told), but \(booking.outcome)") }
        }
        for (id, stored) in observed.bookings where oracle.bookings[id] == nil && stored.outcome != nil {
            report(id, "is stored, and nobody asked for it: \(stored)")
        }
    }

    private mutating func compare(_ told: Figures, _ question: Observations.Question) {
        let right = oracle.figures(of: question.destination, days: question.days)
        for name in Figures.names where told[name] != right[name] {
            report("\(question)", "\(name): \(told[name]), not \(right[name])", .of(told[name], insteadOf: right[name]))
        }
        if told.customers != right.customers {
            let (count, expected) = (told.customers ?? 0, right.customers ?? 0)
            report("\(question)", "customers: \(count), not \(expected)", .of(count, insteadOf: expected))
        }
        if told.preferred != right.preferred {
            report("\(question)", "preferred: \(told.preferred ?? "none"), not \(right.preferred ?? "none")")
        }
        if told.lines != right.lines { report("\(question)", "destinations: \(told.lines), not \(right.lines)") }
    }

    private mutating func compareFlights() {
        let allTaken = oracle.seatsTaken(on: Set(oracle.flights.keys))
        for (id, scheduled) in oracle.flights {
            guard let told = observed.flights[id] else {
                report(id, "is not known", .lost)
                continue
            }
            let (seats, taken) = (scheduled.seats, allTaken[id, default: 0])
            if told.taken != taken {
                report(id, "\(told.taken) seats taken, not \(taken)", .of(told.taken, insteadOf: taken))
            }
            if told.taken > seats { report(id, "\(told.taken) of \(seats) seats taken") }
            let isAsScheduled =
                told.scheduled.destination == scheduled.destination && told.scheduled.departs == scheduled.departs
                && told.scheduled.seats == seats
            if !isAsScheduled { report(id, "\(told.scheduled), but \(scheduled)") }
        }
    }

    private mutating func compareCustomers() {
        let customers = oracle.customers
        for (email, right) in customers {
            guard let told = observed.customers[email] else {
                report(email, "is not known", .lost)
                continue
            }
            if told.points != right.points {
                report(email, "\(told.points) points, not \(right.points)", .of(told.points, insteadOf: right.points))
            }
            if told.bookings != right.bookings {
                report(
                    email, "\(told.bookings) bookings, not \(right.bookings)",
                    .of(told.bookings, insteadOf: right.bookings))
            }
        }
        for (email, told) in observed.customers where customers[email] == nil {
            report(email, "is known, though nothing was confirmed: \(told)")
        }
    }

    private mutating func compareDestinations() {
        for (name, known) in oracle.destinations {
            guard let told = observed.destinations[name] else {
                report(name, "is not known", .lost)
                continue
            }
            if told != known.fare { report(name, "\(told), but \(known.fare)") }
        }
        for name in observed.destinations.keys where oracle.destinations[name] == nil {
            report(name, "is known, though nobody set it")
        }
    }

    /// Exactly the expected ones, whole.
    private mutating func compareLetters() {
        var expected: [[UInt8]: Int] = [:]
        for letter in oracle.letters { expected[letter, default: 0] += 1 }
        for letter in observed.letters {
            if let missing = expected[letter.body], missing > 0 {
                expected[letter.body] = missing - 1
            } else if expected[letter.body] != nil {
                report(letter.text, "is a dead letter once more", .duplicated)
            } else if !oracle.possibleLetters.contains(letter.body) {
                report(letter.text, "is a dead letter (\(letter.why))", .bystander)
            }
        }
        for (body, missing) in expected where missing > 0 {
            report(Observations.Letter(body).text, "\(missing) dead letters are missing", .lost)
        }
    }
}

extension Observations.Letter {
    /// Its beginning, for people.
    fileprivate var text: String { String(decoding: body.prefix(160), as: UTF8.self) }
}

extension Difference.Kind {
    /// Too few or too many of what is counted.
    fileprivate static func of(_ count: Int, insteadOf right: Int) -> Difference.Kind {
        count < right ? .lost : .duplicated
    }
}
