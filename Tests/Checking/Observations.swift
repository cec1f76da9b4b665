import Model

/// What the system knew when all was over.
public struct Observations: Sendable {
    /// A stored request.
    public struct Booking: Sendable, Equatable {
        /// What became of it; nil while it is pending.
        public var outcome: Outcome?
        /// The id of the event that tells of it, where that was asked for.
        public var eventID: String?

        /// A stored request.
        public init(outcome: Outcome?, eventID: String? = nil) {
            self.outcome = outcome
            self.eventID = eventID
        }

        /// What must have been announced of it.
        public var trace: Trace {
            guard var settled = outcome else { return Trace() }
            guard settled.status == .cancelled else { return Trace(settled: settled) }
            settled.status = .confirmed
            return Trace(settled: settled, cancelled: outcome)
        }
    }

    /// What a report is of.
    public struct Question: Sendable, Hashable, CustomStringConvertible {
        /// One destination; nil for all.
        public var destination: String?
        /// Some days; nil for all.
        public var days: ClosedRange<String>?

        /// A report's filters.
        public init(_ destination: String? = nil, days: ClosedRange<String>? = nil) {
            self.destination = destination
            self.days = days
        }

        /// Its name in messages.
        public var description: String {
            let days = days.map { $0.lowerBound == $0.upperBound ? " on \($0.lowerBound)" : " on \($0)" } ?? ""
            return "report" + (destination.map { " of \($0)" } ?? "") + days
        }
    }

    /// A flight with its taken seats.
    public struct Flight: Sendable, Equatable {
        /// As it was last scheduled; the revision is not known.
        public var scheduled: ScheduledFlight
        /// How many seats are taken.
        public var taken: Int

        /// A flight.
        public init(_ scheduled: ScheduledFlight, taken: Int) {
            self.scheduled = scheduled
            self.taken = taken
        }
    }

    /// An address.
    public struct Customer: Sendable, Equatable {
        /// Its points.
        public var points: Int
        /// Its bookings that are confirmed and not cancelled.
        public var bookings: Int

        /// An address.
        public init(points: Int, bookings: Int) {
            self.points = points
            self.bookings = bookings
        }
    }

    /// A dead letter.
    public struct Letter: Sendable, Equatable {
        /// Its body.
        public var body: [UInt8]
        /// Where it was given up, and why.
        public var why: String

        /// A dead letter.
        public init(_ body: [UInt8], why: String = "") {
            self.body = body
            self.why = why
        }
    }

    /// The stored requests by id.
    public var bookings: [String: Booking] = [:]
    /// The reports.
    public var reports: [Question: Figures] = [:]
    /// The flights by id.
    public var flights: [String: Flight] = [:]
    /// The customers by address; those that are not known are missing.
    public var customers: [String: Customer] = [:]
    /// The fares by destination.
    public var destinations: [String: Fare] = [:]
    /// The dead letters.
    public var letters: [Letter] = []

    /// Nothing.
    public init() {}
}
