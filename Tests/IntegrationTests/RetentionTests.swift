import AMQP
import Client
import Contract
import Foundation
import Support
import Testing

/// Letters that are out of date go for good, with the stream they were in; all others move, and nothing of them is lost.
extension DeadLetterTests {
    /// The streams that letters are in.
    private func stores(_ system: TestSystem) async throws -> [String] {
        let queues = try await system.broker("GET", "queues/\(system.name)") as? [[String: Any]] ?? []
        return queues.compactMap { $0["name"] as? String }.filter { $0.hasPrefix("dead-letter.store.") }
    }

    /// Puts on record that letters were discarded a year ago.
    private func discardLongAgo(_ ids: [String], _ system: TestSystem) async throws {
        var channel = try RawChannel(system.amqpURL)
        var record = AMQPMessage(
            body: ids.flatMap { id in
                let bits = UInt64(id, radix: 16) ?? 0
                return (0..<8).map { UInt8(truncatingIfNeeded: bits >> (56 - 8 * $0)) }
            })
        record.headers = [
            "caramelo-record": .text("discard"), "caramelo-record-id": .text(UUID().uuidString), "by": .text("Ana"),
            "why": .text("old"), "at": .text("2025-11-21T10:00:00.000Z"),
        ]
        // While they move one of these is gone, or takes nothing any more.
        for store in try await stores(system) { try channel.publish(record, to: "", key: store) }
        channel.close()
    }

    private func id(_ letter: [String: Any]) -> String { letter["id"] as? String ?? "" }

    @Test("what was resolved long ago is gone from the disk; open letters and what was done with them are not")
    func outOfDate() async throws {
        try await TestSystem.with(["dead-letter", "dead-letter"], hasBrokerUsers: true) { system in
            let bodies = (0..<6).map { SampleRequest().body + [UInt8](repeating: 0x20, count: $0 == 0 ? 20_000 : 0) }
            try await system.client.publish(
                bodies.enumerated().map { givenUp($1, id: "m\($0)", reason: "was_away") }, timeout: .seconds(60))
            try await eventually("6 letters") { try await count(system) == 6 }
            let all = try await letters(system).sorted { "\($0["message_id"] ?? "")" < "\($1["message_id"] ?? "")" }
            let first = try await stores(system)
            #expect(first.count == 1)
            _ = try await command(system, "edit", id(all[0]), "--set", "request_id=mended", "--as", "Ana")
            _ = try await command(system, "discard", id(all[1]), "--why", "not needed")
            try await discardLongAgo([id(all[4]), id(all[5])], system)
            try await eventually("they have moved", within: 60) {
                let now = try await stores(system)
                return now.count == 1 && now != first
            }
            try await eventually("the others are there") { try await letters(system, "--status", "all").count == 4 }
            let kept = try await letters(system)
            #expect(Set(kept.map(id)) == Set([all[0], all[2], all[3]].map(id)))
            let shown = try await command(system, "show", id(all[0]))
            #expect(shown.contains("mended") && shown.contains("edited by Ana"))
            _ = try await command(system, "undo", "--letter", id(all[0]))
            _ = try await command(system, "undo", "--letter", id(all[1]))
            let bodiesNow = Set(try await letters(system).compactMap { $0["body"] as? String })
            #expect(bodiesNow == Set(bodies.prefix(4).map { String(decoding: $0, as: UTF8.self) }))
        }
    }

    @Test("whoever dies at any step of a move, another ends it, and no letter is lost", .timeLimit(.minutes(10)))
    func deadAtEachStep() async throws {
        let moments = TestEnvironment.folder + "/moments-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: moments, withIntermediateDirectories: true)
        let environment = ["CARAMELO_CRASH_POINTS": moments]
        try await TestSystem.with(["dead-letter", "dead-letter"], environment: environment) { system in
            try await system.client.publish(
                (0..<20).map { givenUp(SampleRequest().body, id: "m\($0)", reason: "was_away") }, timeout: .seconds(60))
            try await eventually("20 letters") { try await count(system) == 20 }
            var open = try await letters(system).map(id)
            for step in ["begun", "sealed", "copied", "complete", "completed"] {
                let gone = open.removeLast()
                let moment = "\(moments)/\(step):letters"
                try Data().write(to: URL(fileURLWithPath: moment))
                try await discardLongAgo([gone], system)
                try await eventually("one dies when the step is \(step)", within: 60) {
                    !FileManager.default.fileExists(atPath: moment)
                }
                try system.start("dead-letter")
                try await eventually("they have moved after \(step)", within: 120) {
                    if try await letters(system, "--status", "all", "--wait", "60").count == open.count { return true }
                    try await discardLongAgo([gone], system)
                    return false
                }
                try await eventually("one stream is left after \(step)", within: 60) {
                    try await stores(system).count == 1
                }
            }
            #expect(Set(try await letters(system).map(id)) == Set(open))
        }
    }

    @Test("whoever is killed while letters move, none is lost, and nothing that was done", .timeLimit(.minutes(20)))
    func killedWhileMoving() async throws {
        let own = try await PrivateServers("moving")
        let system = try await TestSystem(servers: own.servers)
        do {
            for _ in 0..<3 { try system.start("dead-letter") }
            try await system.ready(within: 120)
            try await system.client.publish(
                (0..<600).map { givenUp(SampleRequest().body, id: "m\($0)", reason: "was_away") }, timeout: .seconds(60)
            )
            try await eventually("600 letters", within: 60) { try await count(system) == 600 }
            var open = try await letters(system).map(id).shuffled()
            var (moves, edited, discarded) = (Set(try await stores(system)), [String](), [String]())
            for round in 0..<5 {
                let (gone, before) = (Array(open.suffix(10)), try await stores(system))
                open.removeLast(10)
                try await discardLongAgo(gone, system)
                // In the middle of a move, or right after it.
                try? await eventually("they move") {
                    let now = try await stores(system)
                    moves.formUnion(now)
                    return now != before
                }
                try await Task.sleep(for: .milliseconds(.random(in: 0...600)))
                if round.isMultiple(of: 3) { try await own.act("kill", "rabbitmq") }
                if round > 0 { try system.crash("dead-letter") }
                if round.isMultiple(of: 3) { try await own.act("start", "rabbitmq") }
                try await eventually("they are resolved", within: 300) {
                    if try await letters(system, "--wait", "60").count <= open.count { return true }
                    // What came into a stream that was sealed counts nowhere.
                    try await discardLongAgo(gone, system)
                    return false
                }
                edited.append(open[round])
                _ = try await command(
                    system, "edit", open[round], "--set", "request_id=mended-\(round)", "--wait", "60")
                discarded.append(open.removeLast())
                _ = try await command(system, "discard", discarded[round], "--why", "not needed", "--wait", "60")
            }
            try await eventually("one stream is left", within: 120) { try await stores(system).count == 1 }
            #expect(moves.count > 3)
            let kept = try await letters(system)
            #expect(Set(kept.map(id)) == Set(open))
            for (round, letter) in edited.enumerated() {
                let body = kept.first { id($0) == letter }?["body"] as? String
                #expect(body?.contains("mended-\(round)\"") == true)
            }
            #expect(Set(try await letters(system, "--status", "discarded").map(id)) == Set(discarded))
        } catch {
            await system.stop()
            await own.stop()
            throw error
        }
        await system.stop()
        await own.stop()
    }
}
