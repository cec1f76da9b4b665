/// What the whole system must know and answer, by the contract's rules, after the commands it has been given.
///
/// It is written from the contract alone and shares no code with the services. Where the rules leave something open (who gets the
/// last seat, which of two bookings at once is an address' first), it takes what was announced, if some order of the
/// commands allows it.
public struct Oracle: Sendable {
    /// A request that was stored.
    public struct Booking: Sendable, Hashable {
        let contents: Contents
        /// The destination, where the request has a valid one.
        public var destination: String? { contents.destination }
        /// The confirmation or rejection.
        public let settled: Outcome
        /// Whether it was cancelled after that.
        public internal(set) var isCancelled = false

        /// The outcome as it is now.
        public var outcome: Outcome { isCancelled ? settled.cancelled : settled }
        /// Whether it is confirmed and not cancelled: it has a seat and counts in every figure.
        public var isLive: Bool { settled.status == .confirmed && !isCancelled }
    }

    /// The settings.
    public let rules: Rules
    /// The destinations by name.
    public internal(set) var destinations: [String: KnownDestination]
    /// The flights by id.
    public internal(set) var flights: [String: ScheduledFlight] = [:]
    /// The stored requests by id.
    public internal(set) var bookings: [String: Booking] = [:]
    /// The bodies that must be among the dead letters.
    public internal(set) var letters: [[UInt8]] = []
    /// The bodies that may be there besides: of commands that the broker did not confirm, and of cancellations that may
    /// have overtaken their requests.
    public internal(set) var possibleLetters: Set<[UInt8]> = []
    /// The request ids of the first bookings by lower-case address, those that were cancelled since included.
    public internal(set) var firstBookings: [String: String] = [:]

    /// A new database (contract, "Commands"), unless other destinations are given.
    public init(destinations: [String: Fare] = Oracle.firstDestinations, rules: Rules = Rules()) {
        self.rules = rules
        self.destinations = destinations.mapValues { KnownDestination(fare: $0) }
    }

    /// The destinations that a new database starts with.
    public static let firstDestinations = [
        "San Andrés": Fare(base: 32_000_000, tax: 2_560_000, petTax: 5_000_000),
        "Cartagena": Fare(base: 25_000_000, tax: 1_250_000, petTax: 4_000_000),
        "Bogotá": Fare(base: 18_000_000, tax: 720_000, petTax: 4_000_000),
        "Medellín": Fare(base: 19_000_000, tax: 760_000, petTax: 4_000_000),
        "Cali": Fare(base: 20_000_000, tax: 800_000, petTax: 4_000_000),
        "Santa Marta": Fare(base: 24_000_000, tax: 1_200_000, petTax: 4_000_000),
        "Leticia": Fare(base: 41_000_000, tax: 3_280_000, petTax: 6_000_000),
    ]

    /// How many seats of a flight are taken.
    public func seatsTaken(on flight: String) -> Int {
        seatsTaken(on: [flight])[flight, default: 0]
    }

    /// The same of several, those without any left out.
    public func seatsTaken(on flights: Set<String>) -> [String: Int] {
        var taken: [String: Int] = [:]
        for booking in bookings.values where booking.isLive {
            if let flight = booking.contents.flight, flights.contains(flight) { taken[flight, default: 0] += 1 }
        }
        return taken
    }

    /// The points and bookings of every address that ever had a confirmed booking, by the address in lower case.
    public var customers: [String: (points: Int, bookings: Int)] {
        var customers = firstBookings.mapValues { _ in (points: rules.firstBookingPoints, bookings: 0) }
        for booking in bookings.values where booking.isLive {
            guard let email = booking.contents.email else { continue }
            customers[email, default: (0, 0)].points += booking.settled.amounts?.points ?? 0
            customers[email, default: (0, 0)].bookings += 1
        }
        return customers
    }

    /// The candies of a booking when it was confirmed; nil for none.
    public func candies(of booking: Booking) -> (count: Int, cost: Int)? {
        guard booking.settled.status == .confirmed, let age = booking.contents.age, age < rules.candyMaximumAge else {
            return nil
        }
        return (rules.candiesPerChild, rules.candiesPerChild * rules.candyCost)
    }

    /// Takes a phase into account.
    /// - Returns: what in it the rules do not allow; the state is a guess where there is something.
    public mutating func judge(_ phase: Phase) -> [Difference] {
        var judgement = Judgement(phase, of: self)
        judgement.judge()
        self = judgement.after
        return judgement.differences
    }
}
