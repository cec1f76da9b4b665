import AMQP
import Checking
import Contract
import Foundation
import Model

@testable import caramelo_chaos

/// A run of a few commands, written by hand, in which everything is right until a test changes something.
///
/// There is one seat on the flight F to Isla. a (a child) gets it, b finds it full, c books without a flight, d (a child)
/// books and cancels, e is invalid, one message can't be read, and of u nobody knows whether it arrived.
struct Scene {
    var history = History()
    var observed = Observations()
    /// Everything that was announced, in its order.
    var announced: [AMQPMessage] = []

    static let fare = Fare(base: 20_000_005, tax: 1_000_000, petTax: 500_000)
    static let nonsense = Array("not json".utf8)
    static let time = Timestamp(milliseconds: 1_795_000_000_000)

    init() {
        history.begins = Int(Self.time.milliseconds) - 1000
        history.ends = Int(Self.time.milliseconds) + 60_000
        let flight = FlightChange("F", to: "Isla", departs: "2099-05-01T10:00:00Z", seats: 1, revision: 1)
        history.setup = [
            [Self.entry(.set, .set(DestinationChange("Isla", Self.fare, revision: 1)))],
            [Self.entry(.schedule, .schedule(flight))],
        ]
        send("a", age: 9, email: "juan@example.com", ["flight_id": .text("F")])
        send("a", age: 9, email: "juan@example.com", ["flight_id": .text("F")], kind: .twin)
        send("b", age: 30, email: "maria@example.com", ["flight_id": .text("F")])
        send("c", age: 40, email: "JUAN@example.com", ["has_pet": .flag(true), "has_promotion": .flag(true)])
        send("d", age: 10, email: "eva@example.com")
        send("e", age: 131, email: "eva@example.com", kind: .invalid)
        send("u", age: 50, email: "eva@example.com")
        change("u") { $0.isCertain = false }
        history.load.append(Self.entry(.cancel, .cancel("d"), after: "d"))
        history.load.append(Self.entry(.unreadable, .unreadable(Self.nonsense)))

        confirm("a", 1, age: 9, email: "juan@example.com", total: 21_000_005, points: 521, isFirst: true)
        reject("b", 2, age: 30, email: "maria@example.com", .flightFull)
        confirm(
            "c", 3, age: 40, email: "JUAN@example.com", discount: 2_000_001, petTax: 500_000, total: 19_500_004,
            points: 19)
        confirm("d", 4, age: 10, email: "eva@example.com", total: 21_000_005, points: 521, isFirst: true)
        cancel("d")
        reject("e", 5, age: nil, email: "eva@example.com", .invalidRequest)

        let counts = [
            "bookings_confirmed": 2, "bookings_rejected": 2, "bookings_cancelled": 1, "total_collected": 40_500_009,
            "tax_collected": 2_500_000, "discounts": 2_000_001, "pets": 1, "infants": 1, "promotions": 1, "candies": 3,
            "candy_cost": 150_000, "loyalty_points": 1_040,
        ]
        let lines = [Figures.Line("Isla", bookings: 2, collected: 40_500_009, tax: 2_500_000)]
        observed.reports = [
            .init(): Figures(counts: counts, customers: 2, preferred: "Isla", lines: lines),
            .init("Isla"): Figures(counts: counts, lines: lines),
            .init(days: "2026-11-18"..."2026-11-18"): Figures(counts: counts, lines: lines),
        ]
        observed.flights = ["F": .init(.init(destination: "Isla", departs: 4_081_312_800_000, seats: 1), taken: 1)]
        observed.customers = [
            "juan@example.com": .init(points: 540, bookings: 2), "eva@example.com": .init(points: 500, bookings: 0),
        ]
        observed.destinations = ["Isla": Self.fare]
        observed.letters = [.init(Self.nonsense)]
    }

    /// What the checker says of it.
    var judged: Checker { judged() }

    func judged(afterDeletionOf deleted: Set<String> = []) -> Checker {
        var seen = Sightings(reading: Self.reading)
        for message in announced { seen.add(message) }
        return Checker(history, seen, observed, after: Oracle(destinations: [:]), deleted: deleted)
    }

    // MARK: Sending

    static func entry(_ kind: Order.Kind, _ command: Command, after: String? = nil) -> History.Entry {
        .init(order: Order(id: "m", kind: kind, command: command, after: after), isCertain: true)
    }

    mutating func send(
        _ id: String, age: Int, email: String, _ more: [String: Value] = [:], kind: Order.Kind = .request
    ) {
        let fields: [String: Value] = [
            "passenger_name": .text("Somebody"), "passenger_age": .integer(age), "email": .text(email),
            "destination": .text("Isla"),
        ]
        let request = SentRequest(id: id, fields: fields.merging(more) { $1 })
        history.load.append(Self.entry(kind, .request(request)))
    }

    /// Changes the entries of requests with an id.
    mutating func change(_ id: String, _ change: (inout History.Entry) -> Void) {
        for index in history.load.indices {
            if case .request(let request) = history.load[index].order.command, request.id == id {
                change(&history.load[index])
            }
        }
    }

    // MARK: What becomes of it

    private static let reading = Reading(zone: .gmt)

    mutating func confirm(
        _ id: String, _ number: Int, age: Int, email: String, discount: Int = 0, petTax: Int = 0, total: Int,
        points: Int, isFirst: Bool = false
    ) {
        var outcome = outcome(id, number, .confirmed, age: age, email: email)
        (outcome.hasPet, outcome.hasPromotion) = (petTax > 0, discount > 0)
        (outcome.baseFare, outcome.tax, outcome.currency) = (Self.fare.base, Self.fare.tax, "COP")
        (outcome.discount, outcome.petTax, outcome.totalPrice) = (discount, petTax, total)
        (outcome.loyaltyPoints, outcome.firstBooking) = (points, isFirst)
        settle(outcome)
        announce(
            LoyaltyAwarded(requestID: id, bookingNumber: number, occurredAt: Self.time, email: email, points: points))
        if isFirst {
            announce(
                CustomerRegistered(
                    requestID: id, bookingNumber: number, occurredAt: Self.time, email: email, passengerName: "Somebody"
                ))
        }
        if age < 12 {
            announce(
                CandyAccounted(
                    requestID: id, bookingNumber: number, destination: "Isla", count: 3, cost: 150_000,
                    confirmedAt: Self.time))
        }
    }

    mutating func reject(_ id: String, _ number: Int, age: Int?, email: String, _ reason: BookingOutcome.Reason) {
        var outcome = outcome(id, number, .rejected, age: age, email: email)
        outcome.reason = reason
        if age == nil { outcome.problems = [Problem(field: "passenger_age", problem: "must be from 0 to 130")] }
        settle(outcome)
    }

    mutating func cancel(_ id: String) {
        let message = announced.last { $0.messageID == EventID.of(id, .confirmed) }
        guard let body = message?.body, let outcome = try? JSON.decode(BookingOutcome.self, from: body) else { return }
        settle(outcome.cancelled(at: Self.time.advanced(bySeconds: 5)))
    }

    private func outcome(
        _ id: String, _ number: Int, _ status: BookingOutcome.Status, age: Int?, email: String
    ) -> BookingOutcome {
        var outcome = BookingOutcome(status: status, requestID: id, bookingNumber: number, occurredAt: Self.time)
        (outcome.passengerName, outcome.passengerAge, outcome.email) = ("Somebody", age, email)
        (outcome.destination, outcome.hasPet, outcome.hasPromotion) = ("Isla", false, false)
        return outcome
    }

    /// Stores and announces an outcome.
    private mutating func settle(_ outcome: BookingOutcome) {
        observed.bookings[outcome.requestID] = .init(outcome: Self.reading.outcome(outcome))
        announce(outcome)
    }

    /// Announces an event.
    mutating func announce(_ event: some Event, as id: String? = nil) {
        var message = AMQPMessage(body: JSON.encode(event))
        message.contentType = "application/json"
        message.messageID = id ?? event.eventID
        message.type = event.event
        message.timestamp = 1_795_000_000
        message.appID = "booking-intake"
        announced.append(message)
    }

    /// Changes what is stored of a request.
    mutating func changeStored(_ id: String, _ change: (inout Outcome) -> Void) {
        guard var outcome = observed.bookings[id]?.outcome else { return }
        change(&outcome)
        observed.bookings[id]?.outcome = outcome
    }

    /// Changes a figure in every report.
    mutating func changeReports(_ change: (inout Figures) -> Void) {
        for question in observed.reports.keys {
            if var figures = observed.reports[question] {
                change(&figures)
                observed.reports[question] = figures
            }
        }
    }

    /// Takes the announcements of an event away.
    mutating func silence(_ event: String, of id: String) {
        announced.removeAll { message in
            message.type == event && (try? JSON.object(message.body))?["request_id"]?.string == id
        }
    }
}
