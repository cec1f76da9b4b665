import AMQP
import Foundation
import Support
import Testing

@Suite("dead-letter doctor", .enabled(if: TestEnvironment.hasServers, "\(TestEnvironment.hint)"))
struct DoctorTests {
    private struct Finding: Decodable {
        let subject: String
        let problem: String
        let mend: String
    }

    private func doctor(
        _ system: TestSystem, _ arguments: [String] = []
    ) async throws -> (status: Int32, output: String, errors: String) {
        try await run(
            TestEnvironment.binaries + "/dead-letter", ["doctor"] + arguments,
            environment: system.environment.merging([
                "ADMIN_URL": system.adminURL, "AMQP_URL": system.amqpURL(of: "monitor"),
            ]) { $1 })
    }

    private func findings(_ system: TestSystem) async throws -> [Finding] {
        let done = try await doctor(system, ["--json"])
        #expect(done.errors == "")
        let found = try done.output.split(separator: "\n").map { line in
            try JSONDecoder().decode(Finding.self, from: Data(line.utf8))
        }
        #expect(done.status == (found.isEmpty ? 0 : 1))
        #expect(found.allSatisfy { !$0.mend.isEmpty })
        return found
    }

    /// Waits until each of these is said: a subject, and a part of what is wrong with it. Statistics are some seconds late.
    private func finds(_ wanted: [(String, String)], _ system: TestSystem) async throws {
        var last: [Finding] = []
        func missing() -> [(String, String)] {
            wanted.filter { want in !last.contains { $0.subject == want.0 && $0.problem.contains(want.1) } }
        }
        try? await eventually("all of it") {
            last = try await findings(system)
            return missing().isEmpty
        }
        #expect(missing().isEmpty, "only: \(last.map { "\($0.subject) \($0.problem)" }.joined(separator: "\n"))")
    }

    @Test("says so when all is well, finds what is set or made beside it, and is content when that is gone")
    func beside() async throws {
        try await TestSystem.with { system in
            let well = try await doctor(system)
            #expect(well.status == 0)
            #expect(well.output.hasPrefix("All well: "))

            let vhost = system.name
            let policy = #"{"pattern": "^pricing.bookings$", "apply-to": "queues", "definition": "#
            try await system.broker(
                "PUT", "policies/\(vhost)/short", policy + #"{"delivery-limit": 3, "max-length": 9}}"#)
            try await system.broker("PUT", "operator-policies/\(vhost)/old", policy + #"{"message-ttl": 99999}}"#)
            try await system.broker(
                "PUT", "policies/\(vhost)/else",
                #"{"pattern": "^bookings$", "apply-to": "exchanges", "definition": {"alternate-exchange": "amq.fanout"}}"#
            )
            try await system.broker("POST", "bindings/\(vhost)/e/booking_notifications/q/pricing.bookings", "{}")
            try await system.broker("POST", "bindings/\(vhost)/e/booking_notifications/e/bookings", "{}")
            try await system.broker(
                "PUT", "queues/\(vhost)/stats.old", #"{"durable": true, "arguments": {"x-queue-type": "quorum"}}"#)
            try await system.broker(
                "PUT", "queues/\(vhost)/theirs",
                #"{"durable": true, "arguments": {"x-dead-letter-exchange": "nowhere"}}"#)
            // An upstream system's own queue, which is its own matter.
            try await system.broker("POST", "bindings/\(vhost)/e/booking_notifications/q/theirs", "{}")
            var raw = try RawChannel(system.amqpURL)
            try raw.consume("retry.1min")

            try await finds(
                [
                    ("queue pricing.bookings", "policy short"), ("queue pricing.bookings", "operator policy old"),
                    ("queue pricing.bookings", "delivery-limit 3"), ("queue pricing.bookings", "max-length 9"),
                    ("queue pricing.bookings", "message-ttl 99999"),
                    ("exchange bookings", "alternate exchange amq.fanout"),
                    ("binding booking_notifications → pricing.bookings", "none of ours"),
                    ("binding booking_notifications → bookings", "none of ours"),
                    ("queue stats.old", "looks like ours"), ("queue theirs", "nowhere, which does not exist"),
                    ("queue retry.1min", "has a consumer"),
                ], system)
            #expect(try await !findings(system).contains { $0.subject.hasSuffix("→ theirs") })

            for address in try await findings(system).map(\.mend) where address.hasPrefix("curl") {
                // As it is told, but with the user.
                let words = address.replacing("USER", with: "guest:guest").replacing("'", with: "").split(
                    separator: " ")
                #expect(try await run("/usr/bin/curl", ["-fsS"] + words.dropFirst().map(String.init)).status == 0)
            }
            for policy in ["policies/\(vhost)/short", "operator-policies/\(vhost)/old", "policies/\(vhost)/else"] {
                try await system.broker("DELETE", policy)
            }
            for queue in ["stats.old", "theirs"] { try await system.broker("DELETE", "queues/\(vhost)/\(queue)") }
            raw.close()
            try await eventually("all is well again") { try await doctor(system).status == 0 }
        }
    }

    @Test("finds what is missing, or is otherwise than declared")
    func changed() async throws {
        try await TestSystem.with { system in
            let vhost = system.name
            await system.endServices()
            try await system.broker("DELETE", "bindings/\(vhost)/e/bookings/q/pricing.bookings/booking.accepted")
            try await system.broker("DELETE", "queues/\(vhost)/stats.events")
            try await system.broker("DELETE", "exchanges/\(vhost)/customer_events")
            try await system.broker("DELETE", "exchanges/\(vhost)/dead-letters")
            try await system.broker("PUT", "exchanges/\(vhost)/dead-letters", #"{"type": "fanout", "durable": true}"#)
            try await system.broker("DELETE", "queues/\(vhost)/pricing.quotes")
            try await system.broker(
                "PUT", "queues/\(vhost)/pricing.quotes",
                #"{"durable": true, "arguments": {"x-queue-type": "quorum", "x-message-ttl": 5}}"#)
            try await system.broker("DELETE", "queues/\(vhost)/notifier.outcomes")
            try await system.broker("PUT", "queues/\(vhost)/notifier.outcomes", #"{"durable": false}"#)

            var raw = try RawChannel(system.amqpURL)
            try raw.publish([1], to: "retry.3s", key: "a-queue-that-is-gone")
            try await finds(
                [
                    ("binding bookings → pricing.bookings", "'booking.accepted' is missing"),
                    ("queue stats.events", "does not exist"), ("exchange customer_events", "does not exist"),
                    ("exchange dead-letters", "is fanout, where topic and durable is declared"),
                    ("queue pricing.quotes", "x-message-ttl is 5, declared 30000"),
                    ("queue notifier.outcomes", "it is not durable"),
                    ("queue notifier.outcomes", "x-queue-type is not set, declared quorum"),
                    ("queue booking-intake.requests", "has no consumer"),
                    ("queue retry.3s", "1 messages are past their time"),
                ], system)
        }
    }

    @Test("tells wrong usage, and a broker that is away or refuses, by its exit status")
    func statuses() async throws {
        try await TestSystem.with([]) { system in
            #expect(try await doctor(system, ["--nonsense"]).status == 2)
            #expect(try await doctor(system, ["--url", "ftp://host"]).status == 2)
            #expect(try await doctor(system, ["--url", "http://127.0.0.1:1"]).status == 4)
            let host = system.adminURL.dropFirst("http://".count)
            let refused = try await doctor(system, ["--url", "http://guest:secret@\(host)"])
            #expect(refused.status == 4)
            #expect(!refused.errors.contains("secret"))
            let missing = try await doctor(system, ["--vhost", "no such/vhost"])
            #expect(missing.status == 1)
            #expect(missing.output.contains("the vhost does not exist"))
        }
    }
}
