import AMQP
import Client
import Contract
import Foundation
import Support
import Testing

@Suite("Bad input", .enabled(if: TestEnvironment.hasServers, "\(TestEnvironment.hint)"))
struct BadInputTests {
    private static let unreadable: [(body: [UInt8], reason: String)] = [
        (Array("not json".utf8), "not_json_object"), (Array("[1]".utf8), "not_json_object"),
        ([0x7b, 0xff, 0x7d], "not_utf8"), (Array("{}".utf8), "no_request_id"),
        (Array(#"{"request_id": "a b"}"#.utf8), "no_request_id"),
        (Array((#"{"request_id": ""# + String(repeating: "x", count: 70_000) + #""}"#).utf8), "too_large"),
    ]

    @Test("goes to the dead letters whole, at once, without the good ones beside it")
    func unreadable() async throws {
        try await TestSystem.with { system in
            var raw = try RawChannel(system.amqpURL)
            try raw.listen("outcomes", to: "booking_notifications")
            for (body, _) in Self.unreadable {
                try raw.publish(SampleRequest().body, key: "booking.request")
                try raw.publish(body, key: "booking.request")
                try raw.publish(SampleRequest().body, key: "booking.request")
            }
            let outcomes = try raw.take(12)
            #expect(outcomes.count == 12)
            try await eventually("the letters") { try await system.deadLetters().count == Self.unreadable.count }
            let letters = try await system.deadLetters()
            for (body, reason) in Self.unreadable {
                let letter = try #require(
                    letters.first { letter in
                        if let text = letter["body"] as? String { return Array(text.utf8) == body }
                        return (letter["body_base64"] as? String) == Data(body).base64EncodedString()
                    })
                #expect(letter["reason"] as? String == reason)
                #expect(letter["queue"] as? String == "booking-intake.requests")
                #expect(letter["attempts"] as? Int == 1)
                #expect((letter["detail"] as? String)?.isEmpty == false)
                #expect((letter["id"] as? String)?.isEmpty == false)
                #expect((letter["at"] as? String).flatMap { Timestamp($0) } != nil)
            }
        }
    }

    @Test("a command is answered, or kept with the dead letters where nobody can be told")
    func commands() async throws {
        try await TestSystem.with(["booking-intake", "dead-letter"]) { system in
            let wrong = Array(#"{"destination": "", "base_fare": -1, "tax": 1, "pet_tax": 1}"#.utf8)
            let answer = try await system.client.ask("destination.set", wrong, timeout: .seconds(60))
            let reply = try JSON.decode(CommandReply.self, from: answer)
            #expect(reply.code == .invalidRequest)
            #expect(reply.problems?.map(\.field) == ["destination", "base_fare"])
            var raw = try RawChannel(system.amqpURL)
            try raw.publish(wrong, key: "destination.set")
            try await eventually("the letter") {
                try await system.deadLetters().first?["reason"] as? String == "invalid_request"
            }
        }
    }

    @Test("a reply address that is gone, malformed or ours costs that reply and nothing else")
    func replyAddresses() async throws {
        try await TestSystem.with(["booking-intake", "pricing", "stats", "notifier"]) { system in
            var raw = try RawChannel(system.amqpURL)
            try raw.listen("answers")
            let addresses = [
                "gone", "amq.rabbitmq.reply-to.g1h2nonsense", "pricing.bookings", "dead-letters", "answers",
                "amq.rabbitmq.reply-to.", String(repeating: "x", count: 255), "answers",
            ]
            for address in addresses {
                try raw.publish(
                    Array("{}".utf8), key: "query.destinations", replyTo: address, correlationID: "known")
            }
            let answers = try raw.take(2) + raw.take(1, within: 1)
            #expect(answers.count == 2)
            let intake = try #require(system.replicas(of: "booking-intake").first)
            #expect(try await intake.get("metrics").body.contains("caramelo_dropped_replies_total"))
            #expect(try await intake.get("readyz").status == 200)
        }
    }

    @Test(
        "a wrong setting ends the service at once with status 78 and a line that names it",
        arguments: [
            ("pricing", "AMQP_URL", "http://localhost"), ("stats", "AMQP_URL", "amqp://u:se%zzcret@h"),
            ("booking-intake", "DATABASE_URL", "postgres://h:port/x"), ("stats", "REDIS_URL", "rediss://127.0.0.1"),
            ("notifier", "HTTP_PORT", "65536"), ("dead-letter", "LOG_LEVEL", "loud"),
            ("dead-letter", "HTTP_ADMIN_TOKEN", "short secret"),
            ("pricing", "LOG_FORMAT", "xml"), ("pricing", "FAST_RETRY", "yes"),
            ("candy-accounting", "CANDY_MAX_AGE", "-1"), ("candy-accounting", "CANDIES_PER_CHILD", "3.5"),
            ("candy-accounting", "CANDY_COST", "x"), ("stats", "REPORT_TIME_ZONE", "America/Macondo"),
        ])
    func settings(service: String, variable: String, value: String) async throws {
        let system = try await TestSystem()
        let process = try system.start(service, environment: [variable: value])
        #expect(await process.end() == 78)
        let lines = process.logged.split(separator: "\n")
        #expect(lines.count == 1)
        #expect(lines.first?.contains(variable) == true)
        #expect(!process.logged.contains("cret"))
        await system.stop()
    }
}
