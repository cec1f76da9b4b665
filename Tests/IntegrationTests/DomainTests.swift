import AMQP
import Client
import Contract
import Foundation
import Support
import Testing

/// Flights, cancellations, customers and days, with two replicas of every service.
@Suite("Flights, cancellations, customers", .enabled(if: TestEnvironment.hasServers, "\(TestEnvironment.hint)"))
struct DomainTests {
    private func withReplicas(_ body: (TestSystem) async throws -> Void) async throws {
        try await TestSystem.with(TestSystem.services + TestSystem.services, body)
    }

    private func command(_ key: String, _ body: String, _ system: TestSystem) async throws -> CommandReply {
        let answer = try await system.client.ask(key, Array(body.utf8), timeout: .seconds(60))
        return try JSON.decode(CommandReply.self, from: answer)
    }

    private func book(_ request: SampleRequest, _ system: TestSystem) async throws -> BookingOutcome {
        let body = try await system.client.request(request.body, requestID: request.id, timeout: .seconds(60))
        return try JSON.decode(BookingOutcome.self, from: body)
    }

    private func schedule(
        _ id: String, to destination: String = "San Andrés", at time: String = "2100-01-01T00:00:00Z", seats: Int,
        revision: Int, _ system: TestSystem
    ) async throws -> CommandReply {
        try await command(
            "flight.schedule",
            """
            {"flight_id": "\(id)", "destination": "\(destination)", "departs_at": "\(time)", "seats": \(seats), \
            "revision": \(revision)}
            """, system)
    }

    private func flight(_ id: String, _ system: TestSystem) async throws -> Flight {
        let answer = try await system.client.ask(
            "query.flight", Array(#"{"flight_id": "\#(id)"}"#.utf8), timeout: .seconds(60))
        return try JSON.decode(Flight.self, from: answer)
    }

    private func cancel(_ id: String, _ system: TestSystem) async throws -> CommandReply {
        try await command("booking.cancel", #"{"request_id": "\#(id)"}"#, system)
    }

    @Test("a scarce flight gives every seat once, and not one too many")
    func scarceFlight() async throws {
        try await withReplicas { system in
            #expect(try await schedule("F1", seats: 20, revision: 1, system) == .done)
            let requests = (0..<60).map { _ in
                var request = SampleRequest()
                request.more = #", "flight_id": "F1""#
                return request
            }
            let outcomes = try await withThrowingTaskGroup { group in
                for request in requests { group.addTask { try await book(request, system) } }
                return try await group.reduce(into: [BookingOutcome]()) { $0.append($1) }
            }
            let confirmed = outcomes.filter { $0.status == .confirmed }
            #expect(confirmed.count == 20)
            #expect(outcomes.filter { $0.reason == .flightFull }.count == 40)
            #expect(try await flight("F1", system).seatsTaken == 20)
            #expect(try await schedule("F1", seats: 19, revision: 2, system).code == .seatsBelowTaken)
            let first = try #require(confirmed.first)
            #expect(try await cancel(first.requestID, system) == .done)
            #expect(try await flight("F1", system).seatsTaken == 19)
            #expect(try await schedule("F1", seats: 19, revision: 2, system) == .done)
            #expect(try await schedule("F1", seats: 90, revision: 1, system) == .superseded)
        }
    }

    @Test(
        "a seat is refused for the first reason that applies",
        arguments: [
            ("none", "unknown_flight"), ("elsewhere", "wrong_destination"), ("gone", "flight_departed"),
            ("full", "flight_full"),
        ])
    func refusals(id: String, reason: String) async throws {
        try await TestSystem.with(["booking-intake", "stats", "notifier"]) { system in
            let elsewhere = try await schedule("elsewhere", to: "Cali", seats: 0, revision: 1, system)
            #expect(elsewhere == .done)
            #expect(
                try await schedule("gone", at: "2020-01-01T00:00:00Z", seats: 0, revision: 1, system) == .done)
            #expect(try await schedule("full", seats: 0, revision: 1, system) == .done)
            #expect(try await schedule("x", to: "Nowhere", seats: 1, revision: 1, system).code == .unknownDestination)
            var request = SampleRequest()
            request.more = #", "flight_id": "\#(id)""#
            #expect(try await book(request, system).reason?.rawValue == reason)
        }
    }

    @Test("a cancellation takes back exactly what was added, once, whatever the candy settings are by then")
    func cancellation() async throws {
        try await withReplicas { system in
            var child = SampleRequest()
            child.age = 5
            child.hasPet = true
            child.hasPromotion = true
            var other = SampleRequest()
            other.email = "ana@example.com"
            #expect(try await book(child, system).status == .confirmed)
            #expect(try await book(other, system).status == .confirmed)
            try await eventually("candies") { try await system.report().candies.count == 3 }
            try system.crash("candy-accounting", environment: ["CANDIES_PER_CHILD": "7", "CANDY_COST": "1"])
            #expect(try await cancel(child.id, system) == .done)
            #expect(try await cancel(child.id, system) == .done)
            try await eventually("the figures are back") { try await system.report().bookingsCancelled == 1 }
            let report = try await system.report()
            #expect((report.bookingsConfirmed, report.bookingsCancelled) == (1, 1))
            #expect(report.totalCollected == other.price)
            #expect((report.candies.count, report.candies.cost) == (0, 0))
            #expect((report.pets, report.promotions, report.infants, report.discounts) == (0, 0, 0, 0))
            // The 500 of a first booking and the registration stay.
            #expect(report.loyaltyPoints == 1_000 + other.price / 1_000_000)
            #expect(report.customers == 2)
            let answer = try await system.client.ask(
                "query.customer", Array(#"{"email": "JUAN@EXAMPLE.COM"}"#.utf8), timeout: .seconds(60))
            let customer = try JSON.decode(CustomerAnswer.self, from: answer)
            #expect((customer.loyaltyPoints, customer.bookings) == (500, 0))
        }
    }

    @Test("a cancellation may come before the confirmation, before its request, too late, or for nothing")
    func cancellationInEveryState() async throws {
        try await TestSystem.with(["booking-intake", "stats", "notifier"]) { system in
            var raw = try RawChannel(system.amqpURL)
            try raw.listen("outcomes", to: "booking_notifications")
            let early = SampleRequest()
            try raw.publish(Array(#"{"request_id": "\#(early.id)"}"#.utf8), key: "booking.cancel")
            let pending = SampleRequest()
            try raw.publish(pending.body, key: "booking.request")
            try await eventually("it is pending") { try await system.stored("SELECT count(*) FROM bookings") == 1 }
            #expect(try await cancel(pending.id, system) == .done)
            try raw.publish(early.body, key: "booking.request")
            try await eventually("both are to be cancelled") {
                try await system.stored("SELECT count(*) FROM bookings WHERE cancel_requested") == 2
            }
            var nowhere = SampleRequest()
            nowhere.destination = "Nowhere"
            #expect(try await book(nowhere, system).status == .rejected)
            #expect(try await cancel(nowhere.id, system).code == .notConfirmed)
            #expect(try await cancel("never-seen", system).code == .notFound)
            try system.start("pricing")
            let outcomes = try raw.take(5).map {
                try JSON.decode(BookingOutcome.self, from: $0.message.body)
            }
            for id in [pending.id, early.id] {
                #expect(Set(outcomes.filter { $0.requestID == id }.map(\.status)) == [.confirmed, .cancelled])
            }
            try await eventually("the report") { try await system.report().bookingsCancelled == 2 }
            #expect(try await system.report().totalCollected == 0)
        }
    }

    @Test("a day of the report is that of the outcome in its time zone")
    func days() async throws {
        let zones = ["Pacific/Kiritimati", "Pacific/Pago_Pago"]
        for zone in zones {
            try await TestSystem.with(environment: ["REPORT_TIME_ZONE": zone]) { system in
                let outcome = try await book(SampleRequest(), system)
                try await eventually("counted") { try await system.report().bookingsConfirmed == 1 }
                let hours = zone == zones[0] ? 14 : -11
                let today = Day(of: outcome.occurredAt, secondsFromGMT: hours * 3600)
                let yesterday = Day(of: outcome.occurredAt.advanced(bySeconds: -86_400), secondsFromGMT: hours * 3600)
                #expect(try await system.report(ReportQuery(from: today, to: today)).bookingsConfirmed == 1)
                #expect(try await system.report(ReportQuery(from: yesterday, to: yesterday)).bookingsConfirmed == 0)
                let filtered = try await system.report(
                    ReportQuery(destination: "San Andre\u{301}s", from: yesterday, to: today))
                #expect(filtered.bookingsConfirmed == 1)
                #expect(filtered.customers == nil)
            }
        }
    }
}
