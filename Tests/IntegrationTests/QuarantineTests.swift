import Client
import Contract
import Foundation
import Support
import Testing

/// Messages that kill their consumer end in dead letters, and nothing beside them does.
@Suite("Quarantine", .enabled(if: TestEnvironment.hasServers, "\(TestEnvironment.hint)"))
struct QuarantineTests {
    private static let services = ["booking-intake", "pricing", "dead-letter"]

    @Test(
        "what crashes, hangs or eats memory is a dead letter in the end; all others are handled",
        .timeLimit(.minutes(15)))
    func poison() async throws {
        // What crashes shall be dead at once: Swift's reporter of crashes has been seen to hang, and the process with it.
        try await TestSystem.with(Self.services, environment: ["SWIFT_BACKTRACE": "enable=no"]) { system in
            var names = (1...300).map { "Guest \($0)" }
            for (index, name) in ["Crash", "Hang", "Hog"].enumerated() { names.insert(name, at: 60 * (index + 1)) }
            let requests = names.map { name in
                var request = SampleRequest()
                request.name = name
                return request
            }
            try await system.client.publish(
                requests.map { ClientMessage("booking.request", $0.body) }, timeout: .seconds(60))
            let starts = try await restarting("poison-consumer", in: system) {
                let letters = try await system.deadLetters()
                return letters.count >= 3
            }
            let letters = try await system.deadLetters()
            #expect(letters.count == 3)
            for letter in letters {
                #expect(letter["queue"] as? String == "notifier.outcomes")
                #expect(letter["reason"] as? String == "killed_consumer")
                let body = letter["body"] as? String ?? ""
                #expect(["Crash", "Hang", "Hog"].contains { body.contains("\"\($0)\"") })
            }
            try await eventually("all guests are handled") {
                let logged = system.replicas(of: "poison-consumer").map(\.logged).joined()
                return (1...300).allSatisfy { logged.contains("passenger=Guest \($0)\n") }
                    || (1...300).allSatisfy { logged.contains("\"Guest \($0)\"") }
            }
            // Three returns each, at the worst one after the other; all further deaths are those of the other process.
            #expect(starts <= 1 + 3 * 3)
            let isRunning = system.replicas(of: "poison-consumer").last?.isRunning
            #expect(isRunning == true)
        }
    }

    @Test("restarts, however many, make no dead letter", .timeLimit(.minutes(15)))
    func restarts() async throws {
        try await TestSystem.with(Self.services + ["notifier"]) { system in
            let requests = (0..<3_000).map { _ in SampleRequest() }
            async let sent: Void = system.client.publish(
                requests.map { ClientMessage("booking.request", $0.body) }, timeout: .seconds(120))
            for round in 0..<8 {
                for service in ["pricing", "notifier", "booking-intake"] {
                    if round % 2 == 0 { try system.crash(service) } else { try await system.replace(service) }
                }
                try await Task.sleep(for: .milliseconds(1_200))
            }
            try await sent
            try await eventually("all settled", within: 90) {
                try await system.stored("SELECT count(*) FROM bookings WHERE status = 'confirmed'") == requests.count
            }
            #expect(try await system.deadLetters().isEmpty)
        }
    }

    /// Keeps one process of a service running, as a supervisor does, until `isOver`.
    /// - Returns: how often it was started.
    private func restarting(
        _ service: String, in system: TestSystem, until isOver: () async throws -> Bool
    ) async throws -> Int {
        var starts = 0
        try await eventually("it is over", within: 180) {
            if system.replicas(of: service).last?.isRunning != true {
                try system.start(service)
                starts += 1
            }
            try await Task.sleep(for: .milliseconds(500))
            return try await isOver()
        }
        return starts
    }
}
