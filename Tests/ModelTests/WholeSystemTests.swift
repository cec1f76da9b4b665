import Contract
import Foundation
import Model
import Support
import Testing

/// Random commands to the whole system, two replicas of every service, and a simple model of the rules: no difference.
@Suite("The whole system against the oracle", .enabled(if: TestEnvironment.hasServers, "\(TestEnvironment.hint)"))
struct WholeSystemTests {
    /// How many commands: 10,000 in the thorough tests.
    private static let commands = TestEnvironment.isThorough ? 10_000 : 1_500

    @Test("random commands end as the contract's rules say", .timeLimit(.minutes(10)))
    func randomCommands() async throws {
        let seed = Seeded.seed
        print("Seed \(seed): CARAMELO_TEST_SEED=\(seed) sends the same commands again, though not as interleaved")
        let zone = Reading.farZone
        let environment = ["REPORT_TIME_ZONE": zone, "LOG_LEVEL": "info"]
        try await TestSystem.with(TestSystem.services + TestSystem.services, environment: environment) { system in
            let reading = Reading(zone: try #require(TimeZone(identifier: zone)))
            let probe = try await Probe(system.amqpURL, reading)
            defer { probe.stop() }
            let sampler = Sampler(system, reading)
            async let sampling = sampler.run()
            let result: History
            do {
                result = try await work(
                    system, Load(client: system.client, probe: probe, reading: reading), sampler, seed)
            } catch {
                sampler.stop()
                throw error
            }
            sampler.stop()
            let samples = await sampling
            expectNone(result.differences.map(\.description), "phases", seed)
            expectNone(samples.faults, "samples", seed)
            #expect(samples.samples > 0)
            try await judge(result, probe, system, reading, seed)
            print(summary(result, probe.seen), "\(samples.samples) samples")
        }
    }

    /// What was sent and what became of it.
    private struct History {
        var oracle = Oracle()
        var differences: [Difference] = []
        var sent = 0
        /// How many requests with each id.
        var requests: [String: Int] = [:]

        mutating func add(_ phase: Phase) {
            differences += oracle.judge(phase)
            sent += phase.issued.count
            for issued in phase.issued {
                if case .request(let request) = issued.command { requests[request.id, default: 0] += 1 }
            }
        }
    }

    /// Sends the commands, phase after phase, and has each judged.
    private func work(
        _ system: TestSystem, _ load: Load, _ sampler: Sampler, _ seed: UInt64
    ) async throws -> History {
        var generator = Generator(seed: seed, commands: Self.commands)
        var history = History()
        var moves = generator.firstPhase()
        let start = ContinuousClock.now
        while true {
            for phase in try await load.run(moves) { history.add(phase) }
            // One difference makes others later: the first are the ones to look at.
            if history.sent >= Self.commands || !history.differences.isEmpty { break }
            let oracle = history.oracle
            sampler.look(atFlights: Array(oracle.flights.keys), addresses: Array(oracle.firstBookings.keys))
            moves = generator.phase(size: min(400, Self.commands - history.sent), after: oracle)
        }
        print("\(history.sent) commands in \(ContinuousClock.now - start)")
        return history
    }

    /// Waits until it is quiet and compares all that the system knows and has said.
    private func judge(
        _ history: History, _ probe: Probe, _ system: TestSystem, _ reading: Reading, _ seed: UInt64
    ) async throws {
        let oracle = history.oracle
        let first = Comparison(system: system, oracle: oracle, seen: probe.seen, reading: reading)
        try? await eventually("the report and the dead letters are complete", within: 30) {
            let reports = try await first.reports()
            return reports.isEmpty ? try await first.deadLetters().isEmpty : false
        }
        // A little longer, for what might be counted or announced twice.
        try await Task.sleep(for: .seconds(1))
        let last = Comparison(system: system, oracle: oracle, seen: probe.seen, reading: reading)
        expectNone(try await last.faults(), "answers", seed)
        let twins = Set(history.requests.filter { $0.value > 1 }.keys)
        expectNone(Audit(oracle, probe.seen, twins: twins).faults, "events", seed)
        #expect(probe.failure == nil)
        let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        let count = try await system.stored(deadlocks)
        #expect(count == 0, "replicas locked each other out")
        for service in TestSystem.services {
            let areRunning = system.replicas(of: service).allSatisfy { $0.isRunning }
            #expect(areRunning, "\(service) has ended")
        }
    }

    /// How much of everything there was, for whoever wonders whether the commands were worth it.
    private func summary(_ history: History, _ seen: Sightings) -> String {
        let outcomes = history.oracle.bookings.values.map { $0.outcome.reason ?? $0.outcome.status.rawValue }
        let counts = Dictionary(grouping: outcomes) { $0 }.mapValues(\.count).sorted { $0.key < $1.key }
        let again = seen.events.values.reduce(0) { $0 + $1.copies - 1 }
        return """
            \(history.sent) commands, \(history.oracle.bookings.count) requests stored \
            (\(counts.map { "\($0.value) \($0.key)" }.joined(separator: ", "))), \(seen.events.count) events \
            (\(again) announced again), \(history.oracle.letters.count) dead letters,
            """
    }

    /// Records what is wrong, the first of it in full.
    private func expectNone(_ faults: [String], _ what: String, _ seed: UInt64) {
        if faults.isEmpty { return }
        let lines = faults.prefix(10).joined(separator: "\n")
        Issue.record("seed \(seed), \(what): \(faults.count)\n\(lines)")
    }
}
