/// The answer to `query.destination`; amounts in minor units of ``currency``.
public struct Destination: Codable, Sendable, Equatable {
    /// The name, in NFC.
    public let destination: String
    /// The fare in force.
    public let baseFare: Int
    /// The tax in force.
    public let tax: Int
    /// The tax on a pet in force.
    public let petTax: Int
    /// ISO 4217.
    public let currency: String

    /// A destination at its present fare and taxes.
    public init(destination: String, baseFare: Int, tax: Int, petTax: Int, currency: String = Contract.currency) {
        self.destination = destination
        self.baseFare = baseFare
        self.tax = tax
        self.petTax = petTax
        self.currency = currency
    }

    private enum CodingKeys: String, CodingKey {
        case destination
        case baseFare = "base_fare"
        case tax
        case petTax = "pet_tax"
        case currency
    }
}

/// The answer to `query.destinations`.
public struct DestinationList: Codable, Sendable, Equatable {
    /// All of them.
    public let destinations: [Destination]

    /// A list of destinations.
    public init(destinations: [Destination]) { self.destinations = destinations }
}

/// The answer to `query.flight`.
public struct Flight: Codable, Sendable, Equatable {
    /// The flight.
    public let flightID: String
    /// Where it goes, in NFC.
    public let destination: String
    /// The departure.
    public let departsAt: Timestamp
    /// How many seats it has.
    public let seats: Int
    /// How many of them are taken, by pending bookings too.
    public let seatsTaken: Int

    /// A flight as it is now.
    public init(flightID: String, destination: String, departsAt: Timestamp, seats: Int, seatsTaken: Int) {
        self.flightID = flightID
        self.destination = destination
        self.departsAt = departsAt
        self.seats = seats
        self.seatsTaken = seatsTaken
    }

    private enum CodingKeys: String, CodingKey {
        case flightID = "flight_id"
        case destination
        case departsAt = "departs_at"
        case seats
        case seatsTaken = "seats_taken"
    }
}

/// The answer to `query.customer`.
public struct CustomerAnswer: Codable, Sendable, Equatable {
    /// The address, in lower case.
    public let email: String
    /// The points it has, those of cancelled bookings taken back.
    public let loyaltyPoints: Int
    /// How many bookings it has that are confirmed and not cancelled.
    public let bookings: Int

    /// A customer as it is now.
    public init(email: String, loyaltyPoints: Int, bookings: Int) {
        self.email = email
        self.loyaltyPoints = loyaltyPoints
        self.bookings = bookings
    }

    private enum CodingKeys: String, CodingKey {
        case email
        case loyaltyPoints = "loyalty_points"
        case bookings
    }
}
