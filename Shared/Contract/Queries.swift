/// The query `query.booking`.
public struct BookingQuery: Encodable, Sendable, Equatable {
    /// The booking asked for.
    public let requestID: String

    /// Checks nothing: the fields are checked where the message is read.
    public init(requestID: String) {
        self.requestID = requestID
    }

    /// Reads a body; an unusable request_id is a problem here, since queries never become dead letters.
    public static func read(_ body: [UInt8]) throws(CommandError) -> BookingQuery {
        var fields = try Fields.of(body)
        return BookingQuery(requestID: try fields.only("request_id", Rules.requestID))
    }

    private enum CodingKeys: String, CodingKey {
        case requestID = "request_id"
    }
}

/// The query `query.destination`.
public struct DestinationQuery: Encodable, Sendable, Equatable {
    /// The destination asked for, in NFC.
    public let destination: String

    /// Checks nothing: the fields are checked where the message is read.
    public init(destination: String) {
        self.destination = destination
    }

    /// Reads a body.
    public static func read(_ body: [UInt8]) throws(CommandError) -> DestinationQuery {
        var fields = try Fields.of(body)
        return DestinationQuery(destination: try fields.only("destination", Rules.destination))
    }

    private enum CodingKeys: String, CodingKey {
        case destination
    }
}

/// The query `query.flight`.
public struct FlightQuery: Encodable, Sendable, Equatable {
    /// The flight asked for.
    public let flightID: String

    /// Checks nothing: the fields are checked where the message is read.
    public init(flightID: String) {
        self.flightID = flightID
    }

    /// Reads a body.
    public static func read(_ body: [UInt8]) throws(CommandError) -> FlightQuery {
        var fields = try Fields.of(body)
        return FlightQuery(flightID: try fields.only("flight_id", Rules.flightID))
    }

    private enum CodingKeys: String, CodingKey {
        case flightID = "flight_id"
    }
}

/// The query `query.customer`.
public struct CustomerQuery: Encodable, Sendable, Equatable {
    /// The address asked for, trimmed.
    public let email: String

    /// Checks nothing: the fields are checked where the message is read.
    public init(email: String) {
        self.email = email
    }

    /// The address in the form in which addresses are compared: lower case.
    public var customerKey: String { email.lowercased() }

    /// Reads a body.
    public static func read(_ body: [UInt8]) throws(CommandError) -> CustomerQuery {
        var fields = try Fields.of(body)
        return CustomerQuery(email: try fields.only("email", Rules.email))
    }

    private enum CodingKeys: String, CodingKey {
        case email
    }
}

/// The query `query.report`.
public struct ReportQuery: Encodable, Sendable, Equatable {
    /// Only this destination's figures, in NFC; nil for all.
    public let destination: String?
    /// Only the figures from this day on; there is a ``to`` exactly when there is a `from`.
    public let from: Day?
    /// Only the figures up to this day, which is included; never before ``from``.
    public let to: Day?

    /// Checks nothing: the fields are checked where the message is read.
    public init(destination: String? = nil, from: Day? = nil, to: Day? = nil) {
        self.destination = destination
        self.from = from
        self.to = to
    }

    /// Whether the report is of everything, so that it has `customers` and `preferred_destination`.
    public var isUnfiltered: Bool { destination == nil && from == nil }

    /// Reads a body; null counts as absent.
    public static func read(_ body: [UInt8]) throws(CommandError) -> ReportQuery {
        var fields = try Fields.of(body)
        let destination = fields.optional("destination", Rules.destination)
        let from = fields.optional("from", Rules.day)
        let to = fields.optional("to", Rules.day)
        if fields.problems.isEmpty {
            if from != nil, to == nil { fields.report("to", "is missing: from and to come together") }
            if from == nil, to != nil { fields.report("from", "is missing: from and to come together") }
            if let from, let to, from > to { fields.report("to", "must not be before from") }
        }
        return try fields.result(ReportQuery(destination: destination, from: from, to: to))
    }

    private enum CodingKeys: String, CodingKey {
        case destination
        case from
        case to
    }
}
