import AMQP
import Client
import Contract
import Foundation
import Support
import Testing

@Suite("A booking's way", .enabled(if: TestEnvironment.hasServers, "\(TestEnvironment.hint)"))
struct BookingWayTests {
    private func book(_ request: SampleRequest, _ system: TestSystem) async throws -> BookingOutcome {
        let body = try await system.client.request(request.body, requestID: request.id, timeout: .seconds(60))
        return try JSON.decode(BookingOutcome.self, from: body)
    }

    @Test("is confirmed at its price, counted once, and given its candies")
    func confirmed() async throws {
        try await TestSystem.with { system in
            var child = SampleRequest()
            child.age = 11
            child.hasPet = true
            var grown = SampleRequest()
            grown.age = 12
            grown.hasPromotion = true
            grown.email = "JUAN@example.com"
            grown.destination = "Cartagena"
            let first = try await book(child, system)
            let second = try await book(grown, system)
            #expect(first.status == .confirmed)
            #expect(first.totalPrice == child.price)
            #expect(first.loyaltyPoints == 500 + child.price / 1_000_000)
            #expect(first.firstBooking == true)
            #expect(second.totalPrice == grown.price)
            #expect(second.firstBooking == false)
            #expect(second.bookingNumber > first.bookingNumber)
            try await eventually("the report") { try await system.report().candies.count == 3 }
            let report = try await system.report()
            #expect(report.bookingsConfirmed == 2)
            #expect(report.totalCollected == child.price + grown.price)
            #expect(report.taxCollected == 2_560_000 + 5_000_000 + 1_250_000)
            #expect(report.discounts == 2_500_000)
            #expect((report.pets, report.infants, report.promotions) == (1, 1, 1))
            #expect(report.candies.cost == 150_000)
            #expect(report.customers == 1)
            #expect(report.preferredDestination == "Cartagena")
            #expect(report.destinations.map(\.destination) == ["Cartagena", "San Andrés"])
        }
    }

    @Test("ends in a rejection that says why")
    func rejected() async throws {
        try await TestSystem.with { system in
            var nowhere = SampleRequest()
            nowhere.destination = "san andrés"
            #expect(try await book(nowhere, system).reason == .unknownDestination)
            var late = SampleRequest()
            late.more = #", "expires_at": "2020-01-01T00:00:00Z""#
            #expect(try await book(late, system).reason == .expired)
            var invalid = SampleRequest()
            invalid.age = 131
            invalid.email = "nobody"
            let outcome = try await book(invalid, system)
            #expect(outcome.reason == .invalidRequest)
            #expect(outcome.problems?.map(\.field) == ["passenger_age", "email"])
            #expect(outcome.passengerAge == nil && outcome.passengerName == invalid.name)
            try await eventually("the report") { try await system.report().bookingsRejected == 3 }
        }
    }

    @Test("a twin books and announces nothing, and is answered with the booking as it is")
    func twins() async throws {
        try await TestSystem.with { system in
            var raw = try RawChannel(system.amqpURL)
            try raw.listen("outcomes", to: "booking_notifications")
            let request = SampleRequest()
            let first = try await book(request, system)
            let twin = try await book(request, system)
            #expect(first == twin)
            var other = request
            other.age = 31
            let answer = try await system.client.ask("booking.request", other.body, timeout: .seconds(60))
            #expect(try JSON.decode(CommandReply.self, from: answer).code == .requestIDReused)
            let outcomes = try raw.take(1) + raw.take(1, within: 1)
            #expect(outcomes.count == 1)
            #expect(outcomes.first?.message.messageID == first.eventID)
            try await eventually("the report") { try await system.report().bookingsConfirmed == 1 }
        }
    }

    @Test("everyone who asked while it was pending hears of its outcome")
    func askers() async throws {
        try await TestSystem.with(["booking-intake", "stats", "notifier"]) { system in
            var raw = try RawChannel(system.amqpURL)
            try raw.listen("answers")
            let request = SampleRequest()
            for asker in ["one", "two", "three"] {
                try raw.publish(request.body, key: "booking.request", replyTo: "answers", correlationID: asker)
            }
            // The twins are told at once that it is pending.
            let early = try raw.take(2)
            #expect(early.allSatisfy { String(decoding: $0.message.body, as: UTF8.self).contains("pending") })
            try system.start("pricing")
            let late = try raw.take(3)
            #expect(Set(late.compactMap(\.message.correlationID)) == ["one", "two", "three"])
            #expect(Set(late.map(\.message.body)).count == 1)
            #expect(late.allSatisfy { String(decoding: $0.message.body, as: UTF8.self).contains("confirmed") })
        }
    }

    @Test("carries correlation id, trace context and sender to the outcome")
    func properties() async throws {
        try await TestSystem.with { system in
            var raw = try RawChannel(system.amqpURL)
            try raw.listen("outcomes", to: "booking_notifications")
            let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
            try raw.publish(
                SampleRequest().body, key: "booking.request", correlationID: "c-1",
                headers: ["traceparent": .text(trace)])
            let message = try #require(try raw.take(1).first?.message)
            #expect(message.correlationID == "c-1")
            #expect(message.headers["traceparent"] == .text(trace))
            #expect(message.type == "booking.confirmed")
            #expect(message.appID == "booking-intake")
            #expect(message.contentType == "application/json")
            #expect(message.isPersistent)
            #expect(message.timestamp != nil)
        }
    }

    @Test("destinations can be set, in the order of their revisions, and quoted")
    func destinations() async throws {
        try await TestSystem.with { system in
            func set(_ fare: Int, revision: Int) async throws -> CommandReply {
                let body =
                    #"{"destination": "Leticia", "base_fare": \#(fare), "tax": 5, "pet_tax": 7, "revision": \#(revision)}"#
                let answer = try await system.client.ask("destination.set", Array(body.utf8), timeout: .seconds(60))
                return try JSON.decode(CommandReply.self, from: answer)
            }
            #expect(try await set(100, revision: 2) == .done)
            #expect(try await set(200, revision: 1) == .superseded)
            let question = Array(#"{"destination": "Leticia", "has_pet": true, "has_promotion": true}"#.utf8)
            let quote = try JSON.decode(
                Quote.self, from: try await system.client.ask("query.quote", question, timeout: .seconds(60)))
            #expect((quote.baseFare, quote.discount, quote.tax, quote.petTax, quote.totalPrice) == (100, 10, 5, 7, 102))
            var request = SampleRequest()
            request.destination = "Leticia"
            #expect(try await book(request, system).totalPrice == 105)
        }
    }
}
