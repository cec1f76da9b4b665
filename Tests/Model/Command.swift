/// A command, as it is sent.
public enum Command: Sendable, Hashable {
    /// `booking.request` with a usable id, valid or not.
    case request(SentRequest)
    /// `booking.cancel` of an id.
    case cancel(String)
    /// `destination.set`.
    case set(DestinationChange)
    /// `flight.schedule`.
    case schedule(FlightChange)
    /// Bytes that are no message, sent as `booking.request` or `booking.cancel`: a dead letter at once.
    case unreadable([UInt8])

    /// Its body.
    public var body: [UInt8] {
        switch self {
        case .request(let request): request.body
        case .cancel(let id): Array("{\"request_id\": \(Value.quoted(id))}".utf8)
        case .set(let change): change.body
        case .schedule(let change): change.body
        case .unreadable(let body): body
        }
    }
}

/// `destination.set`.
public struct DestinationChange: Sendable, Hashable {
    /// The destination.
    public var destination: String
    /// Its new fare.
    public var fare: Fare
    /// Orders changes.
    public var revision: Int?

    /// A change of a destination.
    public init(_ destination: String, _ fare: Fare, revision: Int? = nil) {
        self.destination = destination
        self.fare = fare
        self.revision = revision
    }

    /// Its body.
    public var body: [UInt8] {
        let revision = revision.map { ", \"revision\": \($0)" } ?? ""
        return Array(
            """
            {"destination": \(Value.quoted(destination)), "base_fare": \(fare.base), "tax": \(fare.tax), \
            "pet_tax": \(fare.petTax)\(revision)}
            """.utf8)
    }

    var isValid: Bool {
        Contents.text(.text(destination), 1...100) != nil && [fare.base, fare.tax, fare.petTax].allSatisfy { $0 >= 0 }
    }
}

/// `flight.schedule`.
public struct FlightChange: Sendable, Hashable {
    /// The flight.
    public var flight: String
    /// Where it goes.
    public var destination: String
    /// The departure, RFC 3339.
    public var departs: String
    /// How many seats it has.
    public var seats: Int
    /// Orders changes.
    public var revision: Int?

    /// A change of a flight.
    public init(_ flight: String, to destination: String, departs: String, seats: Int, revision: Int? = nil) {
        self.flight = flight
        self.destination = destination
        self.departs = departs
        self.seats = seats
        self.revision = revision
    }

    /// Its body.
    public var body: [UInt8] {
        let revision = revision.map { ", \"revision\": \($0)" } ?? ""
        return Array(
            """
            {"flight_id": \(Value.quoted(flight)), "destination": \(Value.quoted(destination)), \
            "departs_at": \(Value.quoted(departs)), "seats": \(seats)\(revision)}
            """.utf8)
    }

    var isValid: Bool {
        Contents.text(.text(flight), 1...100) != nil && Contents.text(.text(destination), 1...100) != nil
            && Clock.milliseconds(departs) != nil && seats >= 0
    }
}

/// An answer on `reply_to`.
public enum Reply: Sendable, Hashable {
    /// `{"ok": true}`
    case done
    /// `{"ok": true, "superseded": true}`
    case superseded
    /// `{"ok": false}` with this code.
    case refused(String)
    /// A booking that is pending.
    case pending
    /// A booking's outcome.
    case outcome(Outcome)
}

/// An outcome or a cancellation, as far as the rules say what is in it.
public struct Outcome: Sendable, Hashable {
    /// What became of the request.
    public enum Status: String, Sendable {
        /// Until it is cancelled.
        case confirmed
        /// For good.
        case rejected
        /// Was confirmed.
        case cancelled
    }
    /// `status`.
    public var status: Status
    /// `reason`, when rejected.
    public var reason: String?
    /// The fields named in `problems`.
    public var problems: Set<String> = []
    /// The other members that the request had, by name; `email` as it was answered.
    public var echo: [String: Value] = [:]
    /// The amounts, unless rejected.
    public var amounts: Amounts?
    /// `loyalty_points`, unless rejected.
    public var points: Int?
    /// `first_booking`, unless rejected.
    public var isFirst: Bool?
    /// The day of the rejection or of the confirmation (not of the cancellation), in `REPORT_TIME_ZONE`.
    public var day = ""

    /// An outcome without anything that depends on its status.
    public init(_ status: Status) { self.status = status }

    /// The cancellation of this confirmation: every field of it.
    public var cancelled: Outcome {
        var outcome = self
        outcome.status = .cancelled
        return outcome
    }
}
