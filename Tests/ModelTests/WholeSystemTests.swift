import Checking
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
            let probe = try await Probe(
                system.amqpURL, to: [.notifications, .customers, .accepted, .priced, .candies, .loyalty],
                Sightings(reading: reading))
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
            expectNone(result.differences, "phases", seed)
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
        try? await eventually("the report and the dead letters are complete") {
            let figures = try await Observer(system.client, reading).reports([.init()])
            let letters = try await system.deadLetters().count
            return figures[.init()] == oracle.figures() && letters == oracle.letters.count
        }
        // A little longer, for what might be counted or announced twice.
        try await Task.sleep(for: .seconds(1))
        let seen = probe.seen
        let observations = try await observe(system, reading, history)
        expectNone(Comparison(oracle, observations).differences, "answers", seed)
        let twins = Set(history.requests.filter { $0.value > 1 }.keys)
        expectNone(Audit(oracle, seen, twins: twins).faults, "events", seed)
        let answers = observations.bookings.filter { id, told in
            seen.event("booking.\(told.outcome?.status.rawValue ?? "")", of: id)?.string("event_id") != told.eventID
        }
        #expect(answers.isEmpty, "answers with other event ids than were announced")
        let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        let count = try await system.stored(deadlocks)
        #expect(count == 0, "replicas locked each other out")
        for service in TestSystem.services {
            let areRunning = system.replicas(of: service).allSatisfy { $0.isRunning }
            #expect(areRunning, "\(service) has ended")
        }
    }

    /// Everything that the system knows; reports for all, by destination, by day, and both.
    private func observe(
        _ system: TestSystem, _ reading: Reading, _ history: History
    ) async throws -> Observations {
        let oracle = history.oracle
        let observer = Observer(system.client, reading)
        let today = reading.day(of: .now)
        let yesterday = reading.day(of: Timestamp.now.advanced(bySeconds: -86_400))
        let longAgo = reading.day(of: Timestamp.now.advanced(bySeconds: -10 * 86_400))
        let days = [today...today, yesterday...yesterday, yesterday...today, longAgo...yesterday]
        let names = Array(oracle.destinations.keys) + ["Nowhere"]
        let questions =
            [Observations.Question()] + names.map { .init($0) } + days.map { .init(days: $0) }
            + names.prefix(5).flatMap { name in days.map { .init(name, days: $0) } }
        let rejected = oracle.bookings.values.compactMap { $0.settled.echo["email"] }
            .compactMap { if case .text(let email) = $0 { email.lowercased() } else { nil } }
        var observations = Observations()
        observations.reports = try await observer.reports(questions)
        observations.bookings = try await observer.bookings(history.requests.keys)
        observations.flights = try await observer.flights(oracle.flights.keys)
        observations.customers = try await observer.customers(Set(rejected).union(oracle.customers.keys))
        observations.destinations = try await observer.destinations()
        observations.letters = try await Observer.letters(
            TestEnvironment.binaries + "/dead-letter", environment: system.environment)
        return observations
    }

    /// How much of everything there was, for whoever wonders whether the commands were worth it.
    private func summary(_ history: History, _ seen: Sightings) -> String {
        let outcomes = history.oracle.bookings.values.map { $0.outcome.reason ?? $0.outcome.status.rawValue }
        let counts = Dictionary(grouping: outcomes) { $0 }.mapValues(\.count).sorted { $0.key < $1.key }
        return """
            \(history.sent) commands, \(history.oracle.bookings.count) requests stored \
            (\(counts.map { "\($0.value) \($0.key)" }.joined(separator: ", "))), \(seen.events.count) events \
            (\(seen.again) announced again), \(history.oracle.letters.count) dead letters,
            """
    }

    /// Records what is wrong, the first of it in full.
    private func expectNone(_ faults: [some CustomStringConvertible], _ what: String, _ seed: UInt64) {
        if faults.isEmpty { return }
        let lines = faults.prefix(10).map(\.description).joined(separator: "\n")
        Issue.record("seed \(seed), \(what): \(faults.count)\n\(lines)")
    }
}
