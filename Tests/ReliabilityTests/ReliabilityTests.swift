import AMQP
import Client
import Contract
import Foundation
import Support
import Synchronization
import Testing

/// The issue's own words: kill -9 of each service in turn under load, RabbitMQ, PostgreSQL and Redis restarted; every
/// request has its one outcome and the report adds up.
@Suite("Reliability", .enabled(if: TestEnvironment.hasServers, "\(TestEnvironment.hint)"))
struct ReliabilityTests {
    private static let rate = 500

    @Test("nothing is lost and nothing counted twice when everything is killed in turn", .timeLimit(.minutes(10)))
    func killEverything() async throws {
        let own = try await PrivateServers("reliability")
        let system = try await TestSystem(servers: own.servers, environment: ["LOG_LEVEL": "info"])
        do {
            try await ordeal(system, own)
        } catch {
            await system.stop()
            await own.stop()
            throw error
        }
        await system.stop()
        await own.stop()
    }

    private func ordeal(_ system: TestSystem, _ own: PrivateServers) async throws {
        for service in TestSystem.services { try system.start(service) }
        try await system.ready()
        try await bindProbe(system)
        let isOver = Mutex(false)
        async let sent = load(system) { isOver.withLock { $0 } }
        do {
            for service in TestSystem.services {
                try await Task.sleep(for: .seconds(2))
                try system.crash(service)
            }
            for (action, server) in [
                ("kill", "redis"), ("stop", "postgres"), ("kill", "rabbitmq"), ("kill", "postgres"),
            ] {
                try await Task.sleep(for: .seconds(2))
                try await own.act(action, server)
                try await Task.sleep(for: .seconds(1))
                try await own.act("start", server)
            }
            try await Task.sleep(for: .seconds(3))
        } catch {
            isOver.withLock { $0 = true }
            throw error
        }
        isOver.withLock { $0 = true }
        let requests = try await sent
        try await judge(requests, system)
    }

    /// A durable queue that sees every outcome, whatever restarts.
    private func bindProbe(_ system: TestSystem) async throws {
        var raw = try RawChannel(system.amqpURL)
        try raw.listen("probe", to: "booking_notifications")
    }

    /// Publishes requests at a steady rate until `isOver`; each is confirmed, however long that takes.
    private func load(_ system: TestSystem, until isOver: @escaping @Sendable () -> Bool) async throws
        -> [SampleRequest]
    {
        var generator = SystemRandomNumberGenerator()
        var requests: [SampleRequest] = []
        let start = ContinuousClock.now
        try await withThrowingTaskGroup { group in
            while !isOver() {
                var batch: [SampleRequest] = []
                let due = Int((ContinuousClock.now - start) / .seconds(1) * Double(Self.rate)) - requests.count
                for _ in 0..<max(0, min(due, 500)) {
                    var request = SampleRequest()
                    request.age = Int.random(in: 1...80, using: &generator)
                    request.hasPet = Bool.random(using: &generator)
                    request.hasPromotion = Bool.random(using: &generator)
                    request.destination = ["San Andrés", "Cartagena", "Nowhere"].randomElement(using: &generator) ?? ""
                    request.email = "p\(Int.random(in: 0...400, using: &generator))@example.com"
                    batch.append(request)
                }
                requests += batch
                let messages = batch.map { ClientMessage("booking.request", $0.body, messageID: $0.id) }
                group.addTask { try await system.client.publish(messages, timeout: .seconds(180)) }
                try await Task.sleep(for: .milliseconds(50))
            }
            try await group.waitForAll()
        }
        return requests
    }

    private func judge(_ requests: [SampleRequest], _ system: TestSystem) async throws {
        let confirmed = requests.filter { $0.price > 0 }
        let children = confirmed.count { $0.age < 12 }
        let customers = Set(confirmed.map(\.email)).count
        try await eventually("all settled", within: 240) {
            try await system.stored("SELECT count(*) FROM bookings WHERE status <> 'pending'") == requests.count
        }
        try await eventually("all counted", within: 60) {
            let report = try await system.report()
            return report.bookingsConfirmed + report.bookingsRejected >= requests.count
                && report.candies.count >= children * 3
        }
        // A little longer, for what might be counted twice.
        try await Task.sleep(for: .seconds(2))
        let report = try await system.report()
        #expect(report.bookingsConfirmed == confirmed.count)
        #expect(report.bookingsRejected == requests.count - confirmed.count)
        #expect(report.totalCollected == confirmed.reduce(0) { $0 + $1.price })
        #expect(report.candies.count == children * 3)
        #expect(report.infants == children)
        #expect(report.customers == customers)
        let points = confirmed.reduce(0) { $0 + $1.price / 1_000_000 } + customers * 500
        #expect(report.loyaltyPoints == points)
        #expect(try await system.deadLetters().isEmpty)
        var raw = try RawChannel(system.amqpURL)
        try raw.listen("probe")
        var outcomes: [String: Set<[UInt8]>] = [:]
        let deliveries = try raw.take(.max, within: 2)
        for delivery in deliveries {
            let outcome = try JSON.decode(BookingOutcome.self, from: delivery.message.body)
            outcomes[outcome.requestID, default: []].insert(delivery.message.body)
        }
        #expect(Set(outcomes.keys) == Set(requests.map(\.id)))
        #expect(outcomes.values.allSatisfy { $0.count == 1 })
        print("\(requests.count) requests, \(deliveries.count - requests.count) outcomes announced again, none lost")
    }
}
