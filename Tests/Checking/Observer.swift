import Client
import Contract
import Foundation
import Model
import Support

/// Asks the system what it knows, as any upstream system may.
public struct Observer: Sendable {
    private let client: BookingClient
    private let reading: Reading

    /// An observer.
    public init(_ client: BookingClient, _ reading: Reading) {
        self.client = client
        self.reading = reading
    }

    /// Reports by their filters.
    public func reports(_ questions: [Observations.Question]) async throws -> [Observations.Question: Figures] {
        try await each(questions) { reading.figures(try await report($0)) }
    }

    /// A report as it came.
    public func report(_ question: Observations.Question = .init()) async throws -> Report {
        let query = ReportQuery(
            destination: question.destination, from: question.days.flatMap { Day($0.lowerBound) },
            to: question.days.flatMap { Day($0.upperBound) })
        let body = try await client.ask("query.report", JSON.encode(query), timeout: .seconds(30))
        return try JSON.decode(Report.self, from: body)
    }

    /// Bookings by request id; those that are not stored are left out.
    public func bookings(_ ids: some Sequence<String>) async throws -> [String: Observations.Booking] {
        try await each(ids) { id in
            switch try await ask("query.booking", BookingQuery(requestID: id), BookingStatus.self) {
            case .answered(.decided(let told)): .init(outcome: reading.outcome(told), eventID: told.eventID)
            case .answered(.pending): .init(outcome: nil)
            case .failed: nil
            }
        }
    }

    /// Flights by id; those that are not known are left out.
    public func flights(_ ids: some Sequence<String>) async throws -> [String: Observations.Flight] {
        try await each(ids) { id in
            guard case .answered(let told) = try await ask("query.flight", FlightQuery(flightID: id), Flight.self)
            else { return nil }
            let scheduled = ScheduledFlight(
                destination: told.destination, departs: Int(told.departsAt.milliseconds), seats: told.seats)
            return .init(scheduled, taken: told.seatsTaken)
        }
    }

    /// Customers by address; those that are not known are left out.
    public func customers(_ addresses: some Sequence<String>) async throws -> [String: Observations.Customer] {
        try await each(addresses) { email in
            // Case does not matter, and is none of the answer's business.
            let query = CustomerQuery(email: email.uppercased())
            guard case .answered(let told) = try await ask("query.customer", query, CustomerAnswer.self) else {
                return nil
            }
            return .init(points: told.loyaltyPoints, bookings: told.bookings)
        }
    }

    /// The fares of all destinations.
    public func destinations() async throws -> [String: Fare] {
        let body = try await client.ask("query.destinations", Array("{}".utf8), timeout: .seconds(30))
        let list = try JSON.decode(DestinationList.self, from: body).destinations
        return Dictionary(
            list.map { ($0.destination, Fare(base: $0.baseFare, tax: $0.tax, petTax: $0.petTax)) },
            uniquingKeysWith: { $1 })
    }

    /// The dead letters.
    /// - Parameters:
    ///   - program: `dead-letter`.
    ///   - environment: where it finds the broker.
    public static func letters(
        _ program: String, environment: [String: String]
    ) async throws -> [Observations.Letter] {
        let listed = try await run(program, ["list", "--json"], environment: environment)
        guard listed.status == 0 else { throw TestFailure(listed.errors) }
        return try listed.output.split(separator: "\n").map { line in
            // Longer than a message may be, where a whole message is in it.
            let letter = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
            let bytes = (letter["body_base64"] as? String).flatMap { Data(base64Encoded: $0) }.map(Array.init)
            let why = ["queue", "reason", "detail"].compactMap { letter[$0] as? String }.joined(separator: ", ")
            return .init((letter["body"] as? String).map { Array($0.utf8) } ?? bytes ?? [], why: why)
        }
    }

    private func ask<Answered: Decodable & Sendable>(
        _ key: String, _ question: some Encodable, _ type: Answered.Type
    ) async throws -> Answer<Answered> {
        try await client.ask(key, question, as: type, timeout: .seconds(30))
    }

    /// Asks something of each, several at a time.
    private func each<Key: Hashable & Sendable, Told: Sendable>(
        _ keys: some Sequence<Key>, _ ask: @escaping @Sendable (Key) async throws -> Told?
    ) async throws -> [Key: Told] {
        try await withThrowingTaskGroup(of: (Key, Told?).self) { group in
            var all: [Key: Told] = [:]
            for (index, key) in keys.enumerated() {
                if index >= 32, let (key, told) = try await group.next() { all[key] = told }
                group.addTask { (key, try await ask(key)) }
            }
            for try await (key, told) in group { all[key] = told }
            return all
        }
    }
}
