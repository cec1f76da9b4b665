import AMQP
import Contract
import Foundation
import Support
import Testing

@Suite("Alarms of the broker", .enabled(if: TestEnvironment.hasServers, "\(TestEnvironment.hint)"))
struct AlarmTests {
    private static let confirmed = 1_200
    private static let rejected = 300

    @Test("stop consumption upstream and say so, let acknowledgements through, and end without a trace")
    func alarms() async throws {
        let own = try await PrivateServers("alarms")
        do {
            try await ordeal(
                own, alarm: ["set_vm_memory_high_watermark", "0.00001"], end: ["set_vm_memory_high_watermark", "0.4"])
            try await ordeal(own, alarm: ["set_disk_free_limit", "900GB"], end: ["set_disk_free_limit", "50MB"])
        } catch {
            await own.stop()
            throw error
        }
        await own.stop()
    }

    private func ordeal(_ own: PrivateServers, alarm: [String], end: [String]) async throws {
        let system = try await TestSystem(servers: own.servers)
        do {
            try await ordeal(system) { try await own.rabbitmqctl($0 ? alarm : end) }
        } catch {
            try? await own.rabbitmqctl(end)
            await system.stop()
            throw error
        }
        await system.stop()
    }

    private func ordeal(_ system: TestSystem, setAlarm: (Bool) async throws -> Void) async throws {
        for service in ["booking-intake", "candy-accounting", "stats", "dead-letter"] { try system.start(service) }
        try await system.ready()
        try await fill(system)
        try await setAlarm(true)

        // What publishes nothing works on: what it has dealt with is acknowledged, and gone.
        try system.start("notifier")
        try await eventually("all outcomes so far are announced") {
            try await messages(in: "notifier.outcomes", system) == 0
        }
        // What publishes takes no more than its prefetch, and says why.
        let pricing = try system.start("pricing")
        try await eventually("it says that it is blocked") {
            let ready = try await pricing.get("readyz")
            return ready.status == 503 && ready.body.contains("publish blocked: the broker has an alarm")
        }
        #expect(try await pricing.get("metrics").body.contains(#"caramelo_broker_blocked{connection="publish"} 1"#))
        #expect(pricing.logged.contains("the broker is blocked by an alarm"))
        let doctor = try await run(
            TestEnvironment.binaries + "/dead-letter", ["doctor"],
            environment: system.environment.merging([
                "ADMIN_URL": system.adminURL, "AMQP_URL": system.amqpURL(of: "monitor"),
            ]) { $1 })
        #expect(doctor.status == 1)
        #expect(doctor.output.contains("alarm: nobody can publish"))
        try await Task.sleep(for: .seconds(5))
        #expect(try await messages(in: "pricing.bookings", system) == Self.confirmed)
        #expect(try await messages(in: "pricing.bookings", system, "messages_unacknowledged") <= 512)
        #expect(try await system.stored("SELECT count(*) FROM bookings WHERE status = 'confirmed'") == 0)

        try await setAlarm(false)
        let start = ContinuousClock.now
        try await eventually("all is counted") {
            try await system.report().bookingsConfirmed == Self.confirmed
        }
        print("alarm: all that waited was done \(ContinuousClock.now - start) after its end")
        try await system.ready()
        #expect(try await pricing.get("metrics").body.contains(#"caramelo_broker_blocked{connection="publish"} 0"#))
        #expect(try await pricing.get("metrics").body.contains("caramelo_reconnects_total") == false)
        var raw = try RawChannel(system.amqpURL)
        try raw.listen("probe")
        let told = try raw.take(Self.confirmed + Self.rejected) + raw.take(1, within: 1)
        #expect(told.count == Self.confirmed + Self.rejected)
        #expect(Set(told.map(\.message.body)).count == Self.confirmed + Self.rejected)
        #expect(try await system.deadLetters().isEmpty)
    }

    /// Fills the queues of the two services that are not there yet.
    private func fill(_ system: TestSystem) async throws {
        var raw = try RawChannel(system.amqpURL)
        try raw.listen("probe", to: "booking_notifications")
        raw.close()
        var publisher = try RawChannel(system.amqpURL)
        for index in 0..<(Self.confirmed + Self.rejected) {
            var request = SampleRequest()
            if index % 5 == 0 { request.destination = "Nowhere" }
            try publisher.publish(request.body, key: "booking.request")
        }
        try await eventually("both queues are full", within: 60) {
            let waiting = try await messages(in: "pricing.bookings", system)
            let told = try await messages(in: "notifier.outcomes", system)
            return waiting == Self.confirmed && told == Self.rejected
        }
        publisher.close()
    }

    private func messages(in queue: String, _ system: TestSystem, _ kind: String = "messages") async throws -> Int {
        let state = try await system.broker("GET", "queues/\(system.name)/\(queue)") as? [String: Any]
        return state?[kind] as? Int ?? -1
    }
}
