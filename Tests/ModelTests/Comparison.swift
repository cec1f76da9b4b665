import Client
import Contract
import Foundation
import Model
import Support

/// Asks the system for everything it knows and compares each answer with the oracle's.
struct Comparison: Sendable {
    let system: TestSystem
    let oracle: Oracle
    let seen: Sightings
    let reading: Reading

    /// Everything that differs.
    func faults() async throws -> [String] {
        var faults = try await reports()
        faults += try await bookings()
        faults += try await flights()
        faults += try await customers()
        faults += try await destinations()
        faults += try await deadLetters()
        return faults
    }

    /// For all, by destination, by day, and both.
    func reports() async throws -> [String] {
        let today = reading.day(of: .now)
        let yesterday = reading.day(of: Timestamp.now.advanced(bySeconds: -86_400))
        let longAgo = reading.day(of: Timestamp.now.advanced(bySeconds: -10 * 86_400))
        let days = [today...today, yesterday...yesterday, yesterday...today, longAgo...yesterday]
        let names = Array(oracle.destinations.keys) + ["Nowhere"]
        var questions: [(String?, ClosedRange<String>?)] = [(nil, nil)]
        questions += names.map { ($0, nil) } + days.map { (nil, $0) }
        questions += names.prefix(5).flatMap { name in days.map { (name, $0) } }
        return try await each(questions) { destination, days in
            let query = ReportQuery(
                destination: destination, from: days.flatMap { Day($0.lowerBound) },
                to: days.flatMap { Day($0.upperBound) })
            let told = reading.figures(try await system.report(query))
            let what = "report of \(destination ?? "all") \(days.map { "\($0)" } ?? "")"
            return told.differences(from: oracle.figures(of: destination, days: days)).map { "\(what): \($0)" }
        }
    }

    private func bookings() async throws -> [String] {
        try await each(oracle.bookings.map { ($0, $1) }) { id, booking in
            guard
                case .answered(.decided(let told)) = try await ask(
                    "query.booking", BookingQuery(requestID: id), BookingStatus.self)
            else { return ["\(id): no outcome, but \(booking.outcome)"] }
            let event = seen.event("booking.\(booking.outcome.status)", of: id)
            let announced = try event.map { try JSON.decode(BookingOutcome.self, from: $0.body) }
            return told == announced && reading.outcome(told) == booking.outcome
                ? [] : ["\(id): \(told), but \(booking.outcome)"]
        }
    }

    private func flights() async throws -> [String] {
        try await each(oracle.flights.map { ($0, $1) }) { id, scheduled in
            let answer = try await ask("query.flight", FlightQuery(flightID: id), Flight.self)
            guard case .answered(let told) = answer else { return ["\(id): \(answer)"] }
            let isRight =
                told.destination == scheduled.destination && told.seats == scheduled.seats
                && told.departsAt.milliseconds == Int64(scheduled.departs)
                && told.seatsTaken == oracle.seatsTaken(on: id)
            return isRight ? [] : ["\(told), but \(scheduled), \(oracle.seatsTaken(on: id)) taken"]
        }
    }

    private func customers() async throws -> [String] {
        let rejected = Set(oracle.bookings.values.compactMap { $0.settled.echo["email"] })
            .compactMap { if case .text(let email) = $0 { email.lowercased() } else { nil } }
        let customers = oracle.customers
        return try await each(Array(Set(rejected).union(customers.keys))) { email in
            let answer = try await ask("query.customer", CustomerQuery(email: email.uppercased()), CustomerAnswer.self)
            switch (answer, customers[email]) {
            case (.failed(let reply), nil) where reply.code == .notFound: return []
            case (.answered(let told), let known?)
            where told.bookings == known.bookings && told.loyaltyPoints == known.points: return []
            default: return ["\(email): \(answer), but \(String(describing: customers[email]))"]
            }
        }
    }

    private func destinations() async throws -> [String] {
        let body = try await system.client.ask("query.destinations", Array("{}".utf8), timeout: .seconds(20))
        let list = try JSON.decode(DestinationList.self, from: body).destinations
        let told = Dictionary(
            list.map { ($0.destination, Fare(base: $0.baseFare, tax: $0.tax, petTax: $0.petTax)) },
            uniquingKeysWith: { $1 })
        let known = oracle.destinations.mapValues(\.fare)
        if list.count != known.count { return ["\(list.count) destinations, not \(known.count)"] }
        return known.filter { told[$0.key] != $0.value }.map {
            "\($0.key): \(String(describing: told[$0.key])), but \($0.value)"
        }
    }

    /// Exactly the expected ones, whole.
    func deadLetters() async throws -> [String] {
        var expected: [[UInt8]: Int] = [:]
        for letter in oracle.letters { expected[letter, default: 0] += 1 }
        for letter in try await system.deadLetters() {
            let text = (letter["body"] as? String).map { Array($0.utf8) }
            let bytes = (letter["body_base64"] as? String).flatMap { Data(base64Encoded: $0) }.map(Array.init)
            expected[text ?? bytes ?? [], default: 0] -= 1
        }
        return expected.filter { $0.value != 0 }.map { body, missing in
            let start = String(decoding: body.prefix(80), as: UTF8.self)
            return missing > 0 ? "\(missing) dead letters missing: \(start)" : "\(-missing) too many: \(start)"
        }
    }

    private func ask<Answered: Decodable & Sendable>(
        _ key: String, _ question: some Encodable, _ type: Answered.Type
    ) async throws -> Answer<Answered> {
        try await system.client.ask(key, question, as: type, timeout: .seconds(30))
    }

    /// Does something with each, several at a time.
    private func each<Element: Sendable>(
        _ elements: [Element], _ check: @escaping @Sendable (Element) async throws -> [String]
    ) async throws -> [String] {
        try await withThrowingTaskGroup(of: [String].self) { group in
            var faults: [String] = []
            for (index, element) in elements.enumerated() {
                if index >= 32, let result = try await group.next() { faults += result }
                group.addTask { try await check(element) }
            }
            for try await result in group { faults += result }
            return faults
        }
    }
}
