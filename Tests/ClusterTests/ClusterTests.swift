import AMQP
import Client
import Contract
import Foundation
import Support
import Synchronization
import Testing

/// Three nodes, any of which may die or be cut off: work goes on within the time that is promised, and nothing is lost.
@Suite(
    "A cluster of three nodes",
    .enabled(
        if: TestEnvironment.hasServers && TestEnvironment.isThorough && Cluster.isPossible,
        "needs the private servers, root, and ./dev test --all"))
struct ClusterTests {
    private static let rate = 100
    /// The longest that no outcome may come, in seconds.
    private static let longestGap = (killed: 15.0, cut: 45.0)

    private struct Fault {
        let name: String
        let limit: Double
        let start: Date
    }

    @Test("goes on within 15 s when a node is killed and 45 s when it is cut off", .timeLimit(.minutes(12)))
    func faults() async throws {
        let cluster = try await Cluster()
        do {
            let system = try await TestSystem(servers: cluster.servers, environment: ["LOG_LEVEL": "info"])
            do {
                try await ordeal(system, cluster)
            } catch {
                await system.stop()
                throw error
            }
            await system.stop()
        } catch {
            await cluster.stop()
            throw error
        }
        await cluster.stop()
    }

    private func ordeal(_ system: TestSystem, _ cluster: Cluster) async throws {
        for service in TestSystem.services { try system.start(service) }
        try await system.ready()
        try await checkMembers(system)
        var raw = try RawChannel(system.amqpURL)
        try raw.listen("probe", to: "booking_notifications")
        raw.close()

        let isOver = Mutex(false)
        async let sent = load(system) { isOver.withLock { $0 } }
        var faults: [Fault] = []
        do {
            for node in 1...3 {
                try await pause(10)
                faults.append(Fault(name: "node \(node) killed", limit: Self.longestGap.killed, start: .now))
                try await cluster.act("kill", node)
                try await pause(20)
                try await cluster.act("start", node)
            }
            for (node, more) in [(1, ["peers"]), (2, []), (3, [])] {
                try await pause(15)
                let whole = more.isEmpty ? "everything" : "the other nodes"
                faults.append(
                    Fault(name: "node \(node) cut off from \(whole)", limit: Self.longestGap.cut, start: .now))
                if more.isEmpty {
                    try await cluster.act("cut", node)
                } else {
                    try await cluster.act("cut", node, "peers")
                }
                try await pause(60)
                try await cluster.act("mend", node)
            }
            try await pause(15)
        } catch {
            isOver.withLock { $0 = true }
            throw error
        }
        isOver.withLock { $0 = true }
        let requests = try await sent
        try judgeGaps(faults, system)
        try await judge(requests, system)
    }

    private func pause(_ seconds: Int) async throws { try await Task.sleep(for: .seconds(seconds)) }

    /// Without saying so, every queue and the stream have a member on each node.
    private func checkMembers(_ system: TestSystem) async throws {
        try await eventually("three members of each") {
            let queues = try #require(try await system.broker("GET", "queues/\(system.name)") as? [[String: Any]])
            return queues.contains { $0["type"] as? String == "stream" }
                && queues.allSatisfy { ($0["members"] as? [Any])?.count == 3 }
        }
    }

    /// Publishes requests at a steady rate until `isOver`; each is confirmed, however long that takes.
    private func load(_ system: TestSystem, until isOver: @escaping @Sendable () -> Bool) async throws
        -> [SampleRequest]
    {
        var requests: [SampleRequest] = []
        let start = ContinuousClock.now
        try await withThrowingTaskGroup { group in
            while !isOver() {
                let due = Int((ContinuousClock.now - start) / .seconds(1) * Double(Self.rate)) - requests.count
                let batch = (0..<max(0, due)).map { _ in
                    var request = SampleRequest()
                    request.age = Int.random(in: 1...80)
                    request.destination = ["San Andrés", "Cartagena", "Nowhere"].randomElement() ?? ""
                    return request
                }
                requests += batch
                let messages = batch.map { ClientMessage("booking.request", $0.body, messageID: $0.id) }
                group.addTask { try await system.client.publish(messages, timeout: .seconds(120)) }
                try await Task.sleep(for: .milliseconds(100))
            }
            try await group.waitForAll()
        }
        return requests
    }

    /// The end of the chain is where customers are told: no fault may silence it for longer than its limit.
    private func judgeGaps(_ faults: [Fault], _ system: TestSystem) throws {
        let notifier = try #require(system.replicas(of: "notifier").first)
        let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        let told = notifier.logged.split(separator: "\n").filter { $0.contains("request_id=") }
            .compactMap { try? Date(String($0.prefix(24)), strategy: format) }
        #expect(told.count > 1_000)
        for (index, fault) in faults.enumerated() {
            let end = index + 1 < faults.count ? faults[index + 1].start : .distantFuture
            // The last outcome may be a moment older than the fault that silenced the rest.
            let gap =
                zip(told, told.dropFirst()).filter { $0.0 >= fault.start - 1 && $0.0 < end - 1 }
                .map { $1.timeIntervalSince($0) }.max() ?? .infinity
            print(
                "\(fault.name): longest gap between outcomes \(gap.formatted(.number.precision(.fractionLength(1)))) s")
            #expect(gap <= fault.limit, "\(fault.name)")
        }
    }

    private func judge(_ requests: [SampleRequest], _ system: TestSystem) async throws {
        let confirmed = requests.filter { $0.price > 0 }
        let children = confirmed.count { $0.age < 12 }
        try await eventually("all settled", within: 120) {
            try await system.stored("SELECT count(*) FROM bookings WHERE status <> 'pending'") == requests.count
        }
        try await eventually("all counted", within: 180) {
            let report = try await system.report()
            return report.bookingsConfirmed + report.bookingsRejected >= requests.count
                && report.candies.count >= children * 3
        }
        // A little longer, for what might be counted twice.
        try await pause(2)
        let report = try await system.report()
        #expect(report.bookingsConfirmed == confirmed.count)
        #expect(report.bookingsRejected == requests.count - confirmed.count)
        #expect(report.totalCollected == confirmed.reduce(0) { $0 + $1.price })
        #expect(report.candies.count == children * 3)
        #expect(try await system.deadLetters().isEmpty)
        var raw = try RawChannel(system.amqpURL)
        try raw.listen("probe")
        var outcomes: [String: Set<[UInt8]>] = [:]
        let deliveries = try raw.take(.max, within: 5)
        for delivery in deliveries {
            let outcome = try JSON.decode(BookingOutcome.self, from: delivery.message.body)
            outcomes[outcome.requestID, default: []].insert(delivery.message.body)
        }
        #expect(Set(outcomes.keys) == Set(requests.map(\.id)))
        #expect(outcomes.values.allSatisfy { $0.count == 1 })
        print("\(requests.count) requests, \(deliveries.count - requests.count) outcomes announced again, none lost")
    }
}
