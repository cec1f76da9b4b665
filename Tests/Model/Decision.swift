/// What may become of a new request, in one state of the world.
enum Decision: Hashable {
    case rejected(String)
    /// Confirmed at these amounts; or `flight_full`, where it wants a seat.
    case booked(Amounts, wantsSeat: Bool)

    /// The contract's rule: invalid, expired, destination, flight unknown, wrong destination, departed, full.
    static func of(_ contents: Contents, at time: Int, fare: Fare?, flight: ScheduledFlight?) -> Decision {
        if !contents.isValid { return .rejected("invalid_request") }
        if let expires = contents.expires, expires <= time { return .rejected("expired") }
        guard let fare else { return .rejected("unknown_destination") }
        let amounts = fare.amounts(hasPet: contents.hasPet == true, hasPromotion: contents.hasPromotion == true)
        if contents.flight == nil { return .booked(amounts, wantsSeat: false) }
        guard let flight else { return .rejected("unknown_flight") }
        if flight.destination != contents.destination { return .rejected("wrong_destination") }
        if flight.departs <= time { return .rejected("flight_departed") }
        return .booked(amounts, wantsSeat: true)
    }

    /// Whether an outcome is this decision, its points included, but for whether it is the address' first booking.
    func allows(_ outcome: Outcome, _ rules: Rules) -> Bool {
        switch (self, outcome.status) {
        case (.rejected(let reason), .rejected):
            outcome.reason == reason && outcome.amounts == nil && outcome.points == nil && outcome.isFirst == nil
        case (.booked(_, let wantsSeat), .rejected):
            wantsSeat && outcome.reason == "flight_full" && outcome.amounts == nil && outcome.points == nil
        case (.booked(let amounts, _), .confirmed):
            outcome.reason == nil && outcome.amounts == amounts && outcome.isFirst != nil
                && outcome.points == amounts.points + (outcome.isFirst == true ? rules.firstBookingPoints : 0)
        case (_, .confirmed), (_, .cancelled): false
        }
    }
}

extension Contents {
    /// Whether an outcome says the same of the passenger, and nothing of what is invalid.
    func isEchoed(by outcome: Outcome) -> Bool {
        let echo = outcome.echo
        let expected = Set(["passenger_name", "passenger_age", "email", "destination", "has_pet", "has_promotion"])
            .subtracting(invalid.keys)
        guard Set(echo.keys) == expected, outcome.problems == Set(invalid.keys) else { return false }
        // By bytes: Swift takes another normal form as the same text, which only destinations may be in.
        let hasName = echo["passenger_name"]?.text.map { Array($0.utf8) } == name.map { Array($0.utf8) }
        return hasName && echo["passenger_age"] == age.map(Value.integer) && echo["email"]?.text?.lowercased() == email
            && echo["destination"] == destination.map(Value.text) && echo["has_pet"] == hasPet.map(Value.flag)
            && echo["has_promotion"] == hasPromotion.map(Value.flag)
    }
}

/// A flight as it was last scheduled.
public struct ScheduledFlight: Sendable, Hashable {
    /// Where it goes.
    public var destination: String
    /// When, in milliseconds since 1970.
    public var departs: Int
    /// How many seats it has.
    public var seats: Int
    /// The last revision, where there was one.
    public var revision: Int?

    /// A flight as it was last scheduled.
    public init(destination: String, departs: Int, seats: Int, revision: Int? = nil) {
        self.destination = destination
        self.departs = departs
        self.seats = seats
        self.revision = revision
    }
}

/// A destination as it was last set.
public struct KnownDestination: Sendable, Hashable {
    /// Its fare.
    public var fare: Fare
    /// The last revision, where there was one.
    public var revision: Int?
}
