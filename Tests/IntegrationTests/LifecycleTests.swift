import AMQP
import Client
import Contract
import Foundation
import Support
import Testing

@Suite("Start and end", .enabled(if: TestEnvironment.hasServers, "\(TestEnvironment.hint)"))
struct LifecycleTests {
    @Test("services that start before their vhost and database exist wait for them")
    func startBeforeEverything() async throws {
        let system = try await TestSystem()
        try await system.broker("DELETE", "vhosts/\(system.name)")
        try await system.drop()
        for service in TestSystem.services { try system.start(service) }
        let intake = try #require(system.replicas(of: "booking-intake").first)
        try await eventually("it waits") { intake.logged.contains("not started yet") }
        #expect(try await intake.get("livez").status == 200)
        #expect(try await intake.get("readyz").status == 503)
        try await system.create()
        try await system.ready()
        let request = SampleRequest()
        let outcome = try await system.client.request(request.body, requestID: request.id, timeout: .seconds(60))
        #expect(String(decoding: outcome, as: UTF8.self).contains("confirmed"))
        await system.stop()
    }

    @Test("SIGTERM finishes what was started, gives the rest back, and ends with status 0 within seconds")
    func drain() async throws {
        try await TestSystem.with { system in
            var raw = try RawChannel(system.amqpURL)
            for _ in 0..<1500 { try raw.publish(SampleRequest().body, key: "booking.request") }
            try await eventually("some are stored") { try await system.stored("SELECT count(*) FROM bookings") > 50 }
            let start = ContinuousClock.now
            for service in TestSystem.services {
                let process = try #require(system.replicas(of: service).first)
                process.signal(SIGTERM)
                #expect(await process.end() == 0)
                try system.start(service)
            }
            #expect(ContinuousClock.now - start < .seconds(30))
            try await eventually("all are counted", within: 60) {
                try await system.report().bookingsConfirmed == 1500
            }
        }
    }

    @Test("the operations port tells health and metrics")
    func operations() async throws {
        try await TestSystem.with { system in
            let request = SampleRequest()
            _ = try await system.client.request(request.body, requestID: request.id, timeout: .seconds(60))
            for service in TestSystem.services {
                let process = try #require(system.replicas(of: service).first)
                #expect(try await process.get("livez").status == 200)
                #expect(try await process.get("readyz").body.contains("ready"))
                #expect(try await process.get("nothing").status == 404)
            }
            let intake = try #require(system.replicas(of: "booking-intake").first)
            try await eventually("the counters") {
                let metrics = try await intake.get("metrics").body
                return metrics.contains(
                    #"messaging_client_consumed_messages_total{messaging_destination_name="booking-intake.requests"} 1"#
                )
                    && metrics.contains("messaging_process_duration_seconds_bucket")
                    && metrics.contains("caramelo_booking_duration_seconds_count 1")
            }
            let notifier = try #require(system.replicas(of: "notifier").first)
            try await eventually("the announcement") { notifier.logged.contains(request.id) }
        }
    }

    @Test("a queue that somebody deletes is declared and consumed again")
    func deletedQueue() async throws {
        try await TestSystem.with { system in
            try await system.broker("DELETE", "queues/\(system.name)/pricing.bookings")
            try await system.declareTopology()
            let request = SampleRequest()
            let outcome = try await system.client.request(request.body, requestID: request.id, timeout: .seconds(60))
            #expect(String(decoding: outcome, as: UTF8.self).contains("confirmed"))
        }
    }

    @Test("what keeps failing climbs the retry delays with its errors in its headers")
    func retries() async throws {
        try await TestSystem.with(["booking-intake"]) { system in
            let accepted = BookingAccepted(
                requestID: "ghost", bookingNumber: 9_999, occurredAt: .now, destination: "Cali", hasPet: false,
                hasPromotion: false, baseFare: 1, tax: 1, petTax: 0)
            var raw = try RawChannel(system.amqpURL)
            try raw.listen("watch", to: "retry.3s")
            let body = JSON.encode(BookingPriced(accepted, price: accepted.price))
            try raw.publish(body, key: "booking.priced", headers: ["mine": .text("kept")])
            let message = try #require(try raw.take(1).first?.message)
            #expect(message.body == body)
            #expect(message.headers["mine"] == .text("kept"))
            #expect(message.headers["caramelo-attempts"] == .int(3))
            #expect(message.headers["caramelo-routing-key"] == .text("booking.priced"))
            #expect(message.headers["caramelo-first-error"]?.text?.contains("9999") == true)
        }
    }
}
