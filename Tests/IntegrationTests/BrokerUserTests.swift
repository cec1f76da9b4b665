import AMQP
import Client
import Contract
import Foundation
import Support
import Testing

/// Users with the least permissions: what the broker refuses for us, and what it can't.
@Suite("Users of the broker", .enabled(if: TestEnvironment.hasServers, "\(TestEnvironment.hint)"))
struct BrokerUserTests {
    /// A price of 1 for a booking that is stored and pending.
    private func forgedPrice(of request: SampleRequest, _ system: TestSystem) async throws -> [UInt8] {
        let number = try await system.stored("SELECT number::int FROM bookings WHERE request_id = '\(request.id)'")
        let accepted = BookingAccepted(
            requestID: request.id, bookingNumber: number, occurredAt: .now, destination: request.destination,
            hasPet: false, hasPromotion: false, baseFare: 1, tax: 0, petTax: 0)
        return JSON.encode(BookingPriced(accepted, price: accepted.price))
    }

    private func pending(_ system: TestSystem) async throws -> SampleRequest {
        let request = SampleRequest()
        try await system.client.publish([ClientMessage("booking.request", request.body)], timeout: .seconds(60))
        try await eventually("it is stored") { try await system.stored("SELECT count(*) FROM bookings") == 1 }
        return request
    }

    @Test("a price that an upstream system forges is refused by the broker")
    func forged() async throws {
        try await TestSystem.with(["booking-intake"], hasBrokerUsers: true) { system in
            let request = try await pending(system)
            let price = try await forgedPrice(of: request, system)
            for (exchange, key) in [
                ("bookings", "booking.priced"), ("", "booking-intake.prices"), ("retry.100ms", "booking-intake.prices"),
                ("booking_notifications", ""), ("dead-letters", "booking-intake.prices"),
            ] {
                var upstream = try RawChannel(system.amqpURL(of: "upstream"))
                try upstream.publish(price, to: exchange, key: key)
                #expect("\(exchange) \(key)") { _ = try upstream.take(1, within: 5) } throws: {
                    ($0 as? AMQPError)?.code == .server(403)
                }
            }
            #expect(try await system.stored("SELECT count(*) FROM bookings WHERE status = 'pending'") == 1)
        }
    }

    @Test(
        "one that comes past the permissions, by the header CC or BCC, is a dead letter that says so",
        arguments: ["CC", "BCC"])
    func copied(header: String) async throws {
        try await TestSystem.with(["booking-intake", "dead-letter"], hasBrokerUsers: true) { system in
            let request = try await pending(system)
            let price = try await forgedPrice(of: request, system)
            var upstream = try RawChannel(system.amqpURL(of: "upstream"))
            try upstream.publish(
                price, key: "query.nothing", headers: [header: .array([.text("booking.priced")])])
            // By which it would be a request where that is all that is looked at.
            try upstream.publish(
                SampleRequest().body, key: "query.nothing", headers: [header: .array([.text("booking.request")])])
            try await eventually("the letters") { try await system.deadLetters().count == 2 }
            let letters = try await system.deadLetters()
            #expect(
                Set(letters.map { "\($0["queue"] ?? "")" }) == ["booking-intake.prices", "booking-intake.requests"])
            for letter in letters {
                #expect(letter["reason"] as? String == "wrong_routing_key")
                #expect((letter["detail"] as? String)?.contains("'query.nothing'") == true)
            }
            #expect(letters.contains { ($0["body"] as? String).map { Array($0.utf8) } == price })
            #expect(try await system.stored("SELECT count(*) FROM bookings WHERE status = 'pending'") == 1)
            // Put back into its queue it is refused again, and what comes beside it is not.
            var operators = try RawChannel(system.amqpURL)
            try operators.publish(
                price, to: "", key: "booking-intake.prices",
                headers: ["caramelo-exchange": .text("bookings"), "caramelo-routing-key": .text("query.nothing")])
            try operators.publish(SampleRequest().body, key: "booking.request")
            try await eventually("another letter") { try await system.deadLetters().count == 3 }
            try await eventually("the request") { try await system.stored("SELECT count(*) FROM bookings") == 2 }
        }
    }

    @Test("what came back too often gets into quarantine, and out of it", .timeLimit(.minutes(15)))
    func quarantine() async throws {
        try await TestSystem.with(["booking-intake"], hasBrokerUsers: true) { system in
            let request = try await pending(system)
            try await eventually("it waits for its price") {
                let queue = try await system.broker("GET", "queues/\(system.name)/pricing.bookings")
                return (queue as? [String: Any])?["messages"] as? Int == 1
            }
            for _ in 1...3 {
                var consumer = try RawChannel(system.amqpURL)
                try consumer.consume("pricing.bookings")
                try await Task.sleep(for: .milliseconds(500))
                consumer.close()
            }
            let pricing = try system.start("pricing")
            let confirmed = "SELECT count(*) FROM bookings WHERE request_id = '\(request.id)' AND status = 'confirmed'"
            try await eventually("it is confirmed", within: 60) { try await system.stored(confirmed) == 1 }
            #expect(pricing.logged.contains("came back 3 times and more are handled apart"))
            #expect(pricing.logged.contains("connection=quarantine-publish"))
        }
    }

    @Test("what an operator has not declared is waited for, and named in the log", .timeLimit(.minutes(15)))
    func missing() async throws {
        try await TestSystem.with(["booking-intake", "pricing", "stats"], hasBrokerUsers: true) { system in
            let pricing = try #require(system.replicas(of: "pricing").first)
            try await system.broker("DELETE", "queues/\(system.name)/pricing.bookings")
            let missing = "the queue 'pricing.bookings' is missing, and AMQP_TOPOLOGY=check leaves it to the operator"
            try await eventually("it says so") { pricing.logged.contains(missing) }
            let ready = try await pricing.get("readyz")
            #expect(ready.status == 503)
            #expect(ready.body.contains(missing))
            let late = try system.start("dead-letter")
            try await eventually("a new one, too", within: 60) { late.logged.contains(missing) }
            let request = SampleRequest()
            async let outcome = system.client.request(request.body, requestID: request.id, timeout: .seconds(90))
            try await Task.sleep(for: .seconds(2))
            #expect(try await system.broker("GET", "queues/\(system.name)/retry.100ms") != nil)
            try await system.declareTopology()
            #expect(String(decoding: try await outcome, as: UTF8.self).contains("confirmed"))
            try await system.ready(within: 60)
        }
    }
}
