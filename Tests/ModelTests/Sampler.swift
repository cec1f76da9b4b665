import Checking
import Client
import Contract
import Foundation
import Model
import Support
import Synchronization

/// Looks at the system while it is at work: whatever moment it meets, the figures of one event are there together.
final class Sampler: Sendable {
    /// What it found.
    struct Findings: Sendable {
        var samples = 0
        var faults: [String] = []
    }

    private let system: TestSystem
    private let reading: Reading
    private let isOver = Mutex(false)
    private let findings = Mutex(Findings())
    /// Flights and addresses to look at.
    private let subjects = Mutex<(flights: [String], addresses: [String])>(([], []))

    init(_ system: TestSystem, _ reading: Reading) {
        self.system = system
        self.reading = reading
    }

    func look(atFlights flights: [String], addresses: [String]) { subjects.withLock { $0 = (flights, addresses) } }

    /// Looks until ``stop()``.
    func run() async -> Findings {
        var last = Figures(counts: [:])
        while !isOver.withLock({ $0 }) {
            do {
                let figures = reading.figures(try await system.report())
                note(figures.contradictions(Rules()) + last.contradictions(later: figures), "report")
                last = figures
                let destination = Generator.fixed.randomElement() ?? ""
                let part = reading.figures(try await system.report(ReportQuery(destination: destination)))
                note(part.contradictions(Rules(), fare: Oracle.firstDestinations[destination]), destination)
                let (flights, addresses) = subjects.withLock { $0 }
                if let id = flights.randomElement(),
                    case .answered(let flight) = try await ask("query.flight", FlightQuery(flightID: id), Flight.self),
                    !(0...flight.seats).contains(flight.seatsTaken)
                {
                    note(["\(flight.seatsTaken) of \(flight.seats) seats taken"], id)
                }
                if let email = addresses.randomElement(),
                    case .answered(let customer) = try await ask(
                        "query.customer", CustomerQuery(email: email), CustomerAnswer.self),
                    // The 500 of the first booking stay, and each booking adds to them.
                    customer.bookings < 0 || customer.loyaltyPoints < 500
                {
                    note(["\(customer)"], email)
                }
            } catch {
                note(["no answer: \(error)"], "sample")
            }
            findings.withLock { $0.samples += 1 }
            try? await Task.sleep(for: .milliseconds(100))
        }
        return findings.withLock { $0 }
    }

    func stop() { isOver.withLock { $0 = true } }

    private func ask<Answered: Decodable & Sendable>(
        _ key: String, _ question: some Encodable, _ type: Answered.Type
    ) async throws -> Answer<Answered> {
        try await system.client.ask(key, question, as: type, timeout: .seconds(20))
    }

    private func note(_ faults: [String], _ subject: String) {
        findings.withLock { $0.faults += faults.map { "\(subject): \($0)" } }
    }
}
