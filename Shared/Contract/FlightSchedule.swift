/// The command `flight.schedule`: registers or changes a flight (contract, "Commands").
public struct FlightSchedule: Encodable, Sendable, Equatable {
    /// 1 to 100 code points.
    public let flightID: String
    /// In NFC, 1 to 100 code points as it was sent.
    public let destination: String
    /// The departure.
    public let departsAt: Timestamp
    /// 0 to 1000000; fewer than are taken is `seats_below_taken`.
    public let seats: Int
    /// Orders changes: one not greater than the stored is superseded. 0 to the largest Int64; nil when none was sent.
    public let revision: Int?

    /// Checks nothing: the fields are checked where the message is read.
    public init(flightID: String, destination: String, departsAt: Timestamp, seats: Int, revision: Int? = nil) {
        self.flightID = flightID
        self.destination = destination
        self.departsAt = departsAt
        self.seats = seats
        self.revision = revision
    }

    /// Reads a body; every field but the revision is required.
    public static func read(_ body: [UInt8]) throws(CommandError) -> FlightSchedule {
        var fields = try Fields.of(body)
        let flightID = fields.required("flight_id", Rules.flightID)
        let destination = fields.required("destination", Rules.destination)
        let departsAt = fields.required("departs_at", Rules.time)
        let seats = fields.required("seats", Rules.seats)
        let revision = fields.optional("revision", Rules.revision)
        guard let flightID, let destination, let departsAt, let seats else { throw .invalid(fields.problems) }
        return try fields.result(
            FlightSchedule(
                flightID: flightID, destination: destination, departsAt: departsAt, seats: seats, revision: revision))
    }

    private enum CodingKeys: String, CodingKey {
        case flightID = "flight_id"
        case destination
        case departsAt = "departs_at"
        case seats
        case revision
    }
}
