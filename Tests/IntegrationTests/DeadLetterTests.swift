import AMQP
import Client
import Contract
import Foundation
import Support
import Testing

/// Letters that people work with: what is done over the command line, seen in the report.
@Suite("Dead letters", .enabled(if: TestEnvironment.hasServers, "\(TestEnvironment.hint)"))
struct DeadLetterTests {
    static let services = ["booking-intake", "pricing", "candy-accounting", "stats", "dead-letter"]

    /// A message that a service gave up, in a test's own words.
    func givenUp(
        _ body: [UInt8], id: String = UUID().uuidString, queue: String = "booking-intake.requests", reason: String,
        detail: String = "it would not", key: String = "booking.request"
    ) -> ClientMessage {
        let time = Timestamp.now.description
        return ClientMessage(
            queue, body, to: "dead-letters", messageID: id,
            headers: [
                "caramelo-queue": .text(queue), "caramelo-reason": .text(reason), "caramelo-detail": .text(detail),
                "caramelo-service": .text("booking-intake"), "caramelo-attempts": .int(6),
                "caramelo-failed-at": .text(time), "caramelo-exchange": .text("bookings"),
                "caramelo-routing-key": .text(key),
            ])
    }

    func command(
        _ system: TestSystem, _ arguments: String..., status: Int32 = 0
    ) async throws -> String {
        let done = try await run(
            TestEnvironment.binaries + "/dead-letter", arguments, environment: system.environment)
        #expect(done.status == status, "\(arguments): \(done.output)\(done.errors)")
        return done.output + done.errors
    }

    func letters(_ system: TestSystem, _ arguments: String...) async throws -> [[String: Any]] {
        let done = try await run(
            TestEnvironment.binaries + "/dead-letter", ["list", "--json"] + arguments, environment: system.environment)
        return try done.output.split(separator: "\n").map {
            try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] ?? [:]
        }
    }

    func count(_ system: TestSystem, _ arguments: String...) async throws -> Int {
        var question = LetterQuestion()
        question.limit = 1
        question.selection.reason = arguments.first
        question.selection.status = arguments.count > 1 ? .init(rawValue: arguments[1]) : nil
        let answer = try await system.client.ask(
            "dead-letter.list", question, as: LetterPage.self, timeout: .seconds(20))
        guard case .answered(let page) = answer else { return -1 }
        return page.total ?? -1
    }

    @Test("500 letters of three kinds: one is mended, one replayed as a canary, one stays", .timeLimit(.minutes(15)))
    func threeKinds() async throws {
        try await TestSystem.with(Self.services) { system in
            let passing = (0..<300).map { _ in SampleRequest() }
            let broken = (0..<3).map { number in
                var request = SampleRequest()
                request.id = "not an id \(number)"
                return request
            }
            try await system.client.publish(
                passing.map { givenUp($0.body, reason: "retries_exhausted", detail: "timeout 12") }
                    + (0..<197).map { givenUp(Array("no JSON \($0)".utf8), reason: "not_json_object") },
                timeout: .seconds(60))
            // These really fail.
            try await system.client.publish(
                broken.map { ClientMessage("booking.request", $0.body) }, timeout: .seconds(60))
            try await eventually("500 letters") { try await count(system) == 500 }

            let summary = try await command(system, "summary")
            #expect(summary.contains("500 open"))
            #expect(summary.contains("no_request_id") && summary.contains("timeout #"))

            for (number, letter) in try await letters(system, "--reason", "no_request_id").enumerated() {
                let id = letter["id"] as? String ?? ""
                #expect(try await command(system, "show", id).contains("✘ must be 1 to 64"))
                let refused = try await command(system, "edit", id, "--set", "request_id=still not", status: 1)
                #expect(refused.contains("not valid"))
                _ = try await command(system, "edit", id, "--set", "request_id=mended-\(number)", "--as", "Ana")
            }
            #expect(try await command(system, "replay", "--reason", "no_request_id").contains("3 sent, 3 took effect"))
            let plan = try await command(system, "replay", "--reason", "retries_exhausted", "--dry-run")
            #expect(plan.contains("300 to booking-intake.requests"))
            #expect(try await count(system, "retries_exhausted", "open") == 300)
            let replayed = try await command(system, "replay", "--reason", "retries_exhausted")
            #expect(replayed.contains("300 sent, 300 took effect, 0 failed again"))

            try await eventually("all are booked") {
                try await system.report().bookingsConfirmed == 303
            }
            #expect(try await system.report().totalCollected == 303 * SampleRequest().price)
            #expect(try await count(system) == 197)
            let discarded = try await command(
                system, "discard", "--reason", "not_json_object", "--why", "a test of theirs")
            let action = discarded.split(separator: " ").last.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
            #expect(try await count(system) == 0)
            _ = try await command(system, "undo", action ?? "")
            #expect(try await count(system) == 197)
            let all = try await count(system, "retries_exhausted", "all")
            #expect(all == 300)
        }
    }

    @Test("what fails again stops the replay at once, without climbing the delays", .timeLimit(.minutes(15)))
    func failsAgain() async throws {
        try await TestSystem.with(["booking-intake", "dead-letter"]) { system in
            try await system.client.publish(
                (0..<10).map { givenUp(Array("no JSON \($0)".utf8), reason: "retries_exhausted") },
                timeout: .seconds(60))
            // Unknown, which would be tried again later.
            let cancel = Array(#"{"request_id": "nobody"}"#.utf8)
            try await system.client.publish(
                givenUp(cancel, reason: "was_tried", key: "booking.cancel"), timeout: .seconds(60))
            try await eventually("11 letters") { try await count(system) == 11 }
            let stopped = try await command(system, "replay", "--reason", "retries_exhausted", status: 1)
            #expect(stopped.contains("1 sent, 0 took effect, 1 failed again, 9 not sent"))
            #expect(try await count(system, "retries_exhausted") == 9)
            let failed = try await letters(system, "--reason", "not_json_object")
            #expect(failed.count == 1)
            #expect(failed.first?["attempts"] as? Int == 7)
            let shown = try await command(system, "show", failed.first?["id"] as? String ?? "")
            #expect(shown.contains("sent by") && shown.contains("failed"))
            let start = ContinuousClock.now
            let cancelled = try await command(system, "replay", "--reason", "was_tried", "--pace", "all", status: 1)
            #expect(cancelled.contains("1 sent, 0 took effect, 1 failed again"))
            #expect(ContinuousClock.now - start < .seconds(8))
        }
    }

    @Test(
        "a replay survives the deaths of the service and of whoever handles its letters; nothing is booked twice",
        .timeLimit(.minutes(15)))
    func deaths() async throws {
        try await TestSystem.with(Self.services) { system in
            try system.start("dead-letter")
            let requests = (0..<1_500).map { _ in SampleRequest() }
            try await system.client.publish(
                requests.map { givenUp($0.body, id: "\($0.id).m", reason: "retries_exhausted") }, timeout: .seconds(60))
            try await eventually("1,500 letters") { try await count(system) == 1_500 }
            var question = LetterQuestion()
            question.selection.reason = "retries_exhausted"
            question.by = "tests"
            question.pace = .all
            question.rate = 300
            let answer = try await system.client.ask(
                "dead-letter.replay", question, as: ReplayReport.self, timeout: .seconds(20))
            guard case .answered(let report) = answer else { throw TestFailure("\(answer)") }
            #expect(report.letters == 1_500)
            for service in ["dead-letter", "booking-intake", "dead-letter", "pricing", "dead-letter"] {
                try await Task.sleep(for: .milliseconds(800))
                try system.crash(service)
            }
            var last: ReplayReport?
            try await eventually("the replay is finished: \(String(describing: last))", within: 90) {
                var question = LetterQuestion()
                question.replay = report.replay
                let answer = try await system.client.ask(
                    "dead-letter.replays", question, as: ReplayList.self, timeout: .seconds(20))
                guard case .answered(let list) = answer else { return false }
                last = list.replays.first
                return last?.state == .finished
            }
            #expect(last?.succeeded == 1_500)
            try await eventually("all are booked", within: 60) {
                try await system.report().bookingsConfirmed == 1_500
            }
            #expect(try await system.stored("SELECT count(*) FROM bookings") == 1_500)
            #expect(try await count(system) == 0)
        }
    }

    @Test("equal messages without an id are letters of their own; export and import keep them whole")
    func whole() async throws {
        try await TestSystem.with(["dead-letter"]) { system in
            var channel = try RawChannel(system.amqpURL)
            var message = AMQPMessage(body: [0xff, 0x00, 0x07] + [UInt8](repeating: 0x80, count: 100_000))
            message.headers = ["caramelo-failed-at": .text("2026-11-21T10:00:00.000Z"), "n": .array([.int(1), .void])]
            message.headers["kinds"] = .table(["d": .decimal(scale: 2, value: 314), "t": .timestamp(7)])
            message.headers["b"] = .bytes([1, 0xff])
            message.headers["double"] = .double(0.5)
            message.headers["on"] = .bool(true)
            message.priority = 3
            message.type = "their.type"
            message.appID = "theirs"
            message.timestamp = 1_700_000_000
            message.contentEncoding = "gzip"
            for _ in 0..<3 { try channel.publish(message, to: "dead-letters", key: "elsewhere") }
            try await eventually("3 letters") { try await count(system) == 3 }
            let listed = try await letters(system)
            #expect(Set(listed.compactMap { $0["id"] as? String }).count == 3)
            #expect((listed[0]["body_base64"] as? String).flatMap { Data(base64Encoded: $0) }?.count == 100_003)
            let refused = try await command(system, "replay", "--queue", "elsewhere", status: 1)
            #expect(refused.contains("no queue of Caramelo's"))
            let lines = try await command(system, "export")
            #expect(lines.split(separator: "\n").count == 3)
            let first = try JSONSerialization.jsonObject(with: Data(lines.split(separator: "\n")[0].utf8))
            let headers = (first as? [String: Any])?["headers"] as? [String: Any]
            #expect((headers?["n"] as? [String: Any])?["array"] != nil)
            #expect(((headers?["kinds"] as? [String: Any])?["table"] as? [String: Any])?.count == 2)
            #expect((headers?["b"] as? [String: Any])?["bytes"] as? String == "Af8=")
            #expect((headers?["double"] as? [String: Any])?["double"] as? String == "0.5")
            #expect(headers?["on"] as? Bool == true)
            // These are known.
            let file = TestEnvironment.folder + "/\(system.name).jsonl"
            try lines.write(toFile: file, atomically: true, encoding: .utf8)
            let imported = try await run(
                "/bin/sh", ["-c", "\(TestEnvironment.binaries)/dead-letter import < \(file)"],
                environment: system.environment)
            #expect(imported.output.contains("3 letters handed over"))
            try channel.publish(message, to: "dead-letters", key: "elsewhere")
            try await eventually("a fourth letter") { try await count(system) == 4 }
            let properties = (first as? [String: Any])?["properties"] as? [String: String]
            let expected = [
                "type": "their.type", "app_id": "theirs", "timestamp": "1700000000", "content_encoding": "gzip",
                "priority": "3",
            ]
            #expect(properties == expected)
        }
    }
}
