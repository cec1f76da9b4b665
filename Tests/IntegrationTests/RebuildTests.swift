import AMQP
import Client
import Contract
import Foundation
import Support
import Testing

@Suite("What Redis lost", .enabled(if: TestEnvironment.hasServers, "\(TestEnvironment.hint)"), .serialized)
struct RebuildTests {
    /// Publishes requests of all kinds, each of whose ids begins with `name`, and cancels some of them.
    private func load(_ name: String, _ count: Int, _ system: TestSystem) async throws {
        var messages: [ClientMessage] = []
        for number in 0..<count {
            var request = SampleRequest()
            request.id = "\(name)-\(number)"
            request.age = number % 25
            request.hasPet = number.isMultiple(of: 3)
            request.hasPromotion = number.isMultiple(of: 5)
            request.destination = ["San Andrés", "Cartagena", "Nowhere"][number % 7 % 3]
            request.email = "p\(number % 40)@example.com"
            messages.append(ClientMessage("booking.request", request.body, messageID: request.id))
            guard number.isMultiple(of: 6) else { continue }
            let body = Array(#"{"request_id": "\#(request.id)"}"#.utf8)
            messages.append(ClientMessage("booking.cancel", body, messageID: request.id + ".cancel"))
        }
        try await system.client.publish(messages, timeout: .seconds(60))
    }

    /// Waits until so many bookings are stored and all are settled.
    private func settled(_ count: Int, _ system: TestSystem) async throws {
        try await eventually("\(count) settled", within: 60) {
            try await system.stored("SELECT count(*) FROM bookings WHERE status <> 'pending'") == count
        }
    }

    /// Each outcome was announced once, whatever was replayed.
    private func expectNobodyToldTwice(_ system: TestSystem) throws {
        var raw = try RawChannel(system.amqpURL)
        try raw.listen("outcomes")
        var outcomes: [String: Int] = [:]
        for delivery in try raw.take(.max, within: 1) { outcomes[delivery.message.messageID ?? "", default: 0] += 1 }
        #expect(!outcomes.isEmpty && outcomes.values.allSatisfy { $0 == 1 })
    }

    @Test("an emptied Redis is noticed, reports say so, and the figures are exact again while new bookings come in")
    func wiped() async throws {
        try await TestSystem.with { system in
            // What is announced waits there until the end.
            do {
                var probe = try RawChannel(system.amqpURL)
                try probe.listen("outcomes", to: "booking_notifications")
            }
            try await load("a", 600, system)
            try await settled(600, system)
            try await system.expectExactFigures()
            async let more: Void = load("b", 600, system)
            try await system.redis("FLUSHDB")
            #expect(try await system.report().rebuilding == true)
            try await more
            try await settled(1200, system)
            try await system.expectExactFigures()
            let verified = try await system.stats("verify")
            #expect(verified.status == 0 && verified.output.contains("equal: 1,200"), "\(verified)")
            try expectNobodyToldTwice(system)
            #expect(try await system.deadLetters().isEmpty)
        }
    }

    @Test("what was wiped comes back although stats, candy-accounting and booking-intake are killed meanwhile")
    func killedMeanwhile() async throws {
        try await TestSystem.with { system in
            try system.start("stats")
            try system.start("booking-intake")
            try await load("a", 3000, system)
            try await settled(3000, system)
            for process in system.replicas(of: "candy-accounting") { process.signal(SIGKILL) }
            try await system.redis("FLUSHDB")
            try await eventually("it has begun") { try await system.redis("HGET", "stats:control", "left") != "" }
            try system.crash("stats")
            try await eventually("some is back") { try await system.report().bookingsConfirmed > 0 }
            try system.crash("booking-intake")
            #expect(try await system.report().rebuilding == true)
            try system.crash("candy-accounting")
            try await system.expectExactFigures(within: 90)
        }
    }

    @Test("candies that were lost with candy-accounting's queue come back, and verify knows of them until then")
    func candiesLost() async throws {
        try await TestSystem.with { system in
            try await load("a", 100, system)
            try await settled(100, system)
            try await system.expectExactFigures()
            for process in system.replicas(of: "candy-accounting") { process.signal(SIGKILL) }
            try await load("b", 200, system)
            try await settled(300, system)
            try await eventually("counted") {
                try await system.report().bookingsConfirmed == system.expectedReport().bookingsConfirmed
            }
            let verified = try await system.stats("verify", "--seconds", "0", "--json")
            #expect(verified.status == 1 && verified.output.contains(#""with_candies":"#), "\(verified)")
            try await system.broker("DELETE", "queues/\(system.name)/candy-accounting.outcomes")
            try system.crash("candy-accounting")
            try await system.expectExactFigures()
            #expect(try await system.stats("verify").status == 0)
        }
    }

    @Test("where somebody deleted what a cancellation takes back, everything is counted anew")
    func candiesDeleted() async throws {
        try await TestSystem.with { system in
            var child = SampleRequest()
            child.age = 9
            try await system.client.publish(ClientMessage("booking.request", child.body), timeout: .seconds(60))
            try await load("a", 50, system)
            try await settled(51, system)
            try await system.expectExactFigures()
            let base = try await system.redis("HGET", "stats:control", "base")
            try await system.redis("DEL", "stats:\(base):candies:0:0")
            let body = Array(#"{"request_id": "\#(child.id)"}"#.utf8)
            try await system.client.publish(ClientMessage("booking.cancel", body), timeout: .seconds(60))
            try await eventually("it begins anew") { try await system.redis("HGET", "stats:control", "base") != base }
            try await system.expectExactFigures()
            #expect(try await system.deadLetters().isEmpty)
        }
    }

    @Test("other rules for candies change nothing that has been accounted")
    func otherCandies() async throws {
        try await TestSystem.with { system in
            try await load("a", 100, system)
            try await settled(100, system)
            try await system.expectExactFigures()
            let before = try await system.report().candies
            try system.crash("candy-accounting", environment: ["CANDY_MAX_AGE": "20"])
            try await eventually("stats knows of them") {
                try await system.redis("HGET", "stats:control", "candy_max_age") == "20"
            }
            // Some checkpoints more, at each of which the chunk has been quiet.
            let seen = try #require(Int(try await system.redis("HGET", "stats:control", "checkpoint")))
            try await eventually("three checkpoints more", within: 60) {
                try await Int(system.redis("HGET", "stats:control", "checkpoint")) ?? 0 >= seen + 3
            }
            #expect(try await system.report().candies == before)
            #expect(try await system.stats("verify").status == 0)
        }
    }

    @Test("a process that was frozen before a rebuild adds nothing to the figures after it")
    func frozen() async throws {
        try await TestSystem.with { system in
            let frozen = try #require(system.replicas(of: "stats").first)
            async let one: Void = load("a", 1000, system)
            try await eventually("it counts") { try await system.report().bookingsConfirmed > 0 }
            frozen.signal(SIGSTOP)
            try await one
            try system.start("stats")
            let rebuilt = try await system.stats("rebuild")
            #expect(rebuilt.status == 0 && rebuilt.output.contains("rebuilt"), "\(rebuilt)")
            frozen.signal(SIGCONT)
            try await settled(1000, system)
            try await system.expectExactFigures()
        }
    }

    @Test("verify names what differs; a quiet difference is mended, and what PostgreSQL does not have goes")
    func verify() async throws {
        try await TestSystem.with { system in
            try await load("a", 100, system)
            try await settled(100, system)
            try await system.expectExactFigures()
            let base = try await system.redis("HGET", "stats:control", "base")
            for process in system.replicas(of: "stats") { process.signal(SIGTERM) }
            for process in system.replicas(of: "stats") { await process.end() }
            // One more confirmed booking than there is.
            try await system.redis("HINCRBY", "stats:\(base):sums:0", "confirmed", "1")
            try await system.redis("HINCRBY", "stats:\(base):of:Cartagena", "bookings", "1")
            let different = try await system.stats("verify", "--seconds", "0")
            #expect(different.status == 1 && different.output.contains("PostgreSQL"), "\(different)")
            let json = try await system.stats("verify", "--seconds", "0", "--json")
            #expect(json.status == 1 && json.output.contains(#""equal":false"#), "\(json)")
            try system.crash("stats")
            try await eventually("they are new", within: 60) {
                try await system.redis("HGET", "stats:control", "base") != base
            }
            try await system.expectExactFigures()
            try await eventually("the old ones are swept away") {
                try await system.redis("--scan", "--pattern", "stats:\(base):*").isEmpty
            }
            #expect(try await system.stats("verify").status == 0)
        }
    }

    @Test("a rebuild on demand, with candies by the settings of now")
    func onDemand() async throws {
        try await TestSystem.with { system in
            try await load("a", 200, system)
            try await settled(200, system)
            try await system.expectExactFigures()
            try system.crash("candy-accounting", environment: ["CANDY_COST": "1"])
            let begun = try await system.stats("rebuild", "--no-wait")
            #expect(begun.status == 0)
            #expect(try await system.report().rebuilding == true)
            try await eventually("it is through") { try await system.report().rebuilding == nil }
            let report = try await system.report()
            let expected = try await system.expectedReport()
            #expect(report.totalCollected == expected.totalCollected)
            #expect((report.candies.count, report.candies.cost) == (expected.candies.count, expected.candies.count))
        }
    }

    @Test("wrong settings of the subcommands are named, with status 78")
    func wrongSettings() async throws {
        let binary = TestEnvironment.binaries + "/stats"
        for command in ["verify", "rebuild"] {
            let done = try await run(binary, [command], environment: ["REDIS_URL": "http://nowhere"])
            #expect(done.status == 78 && done.errors.contains("REDIS_URL"), "\(done)")
        }
        let away = try await run(binary, ["rebuild"], environment: ["REDIS_URL": "redis://127.0.0.1:1/0"])
        #expect(away.status == 69)
        let broker = try await run(binary, ["verify"], environment: ["AMQP_URL": "nonsense"])
        #expect(broker.status == 78 && broker.errors.contains("AMQP_URL"), "\(broker)")
    }
}
