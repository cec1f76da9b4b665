import AMQP
import Checking
import Client
import Contract
import Foundation
import Model
import Support

/// What every run needs, wherever the services are: the commands, who sends them, and who looks on.
final class Session: Sendable {
    let setup: Verdict.Setup
    let generator: Generator
    let timeline: TimelineRecorder
    let latencies = Latencies()
    let reading: Reading
    let probe: Probe
    let load: Load
    let observer: Observer
    let client: BookingClient
    private let questions: BookingClient
    /// How long what is missing is waited for.
    private let patience: Duration

    /// Connects and begins to listen; the services must be ready.
    /// - Parameters:
    ///   - amqpURL: the broker.
    ///   - prefix: what its ids, destinations, flights, addresses and queues begin with.
    ///   - zone: the services' `REPORT_TIME_ZONE`.
    ///   - patience: how long what is missing is waited for.
    init(
        _ setup: Verdict.Setup, amqpURL: String, prefix: String, zone: String, timeline: TimelineRecorder,
        patience: Duration = .seconds(120)
    ) async throws {
        guard let zone = TimeZone(identifier: zone) else { throw RunFailure("there is no time zone \(zone)") }
        self.setup = setup
        self.timeline = timeline
        self.patience = patience
        reading = Reading(zone: zone)
        generator = Generator(
            seed: setup.seed, count: setup.seconds * setup.rate, prefix: prefix,
            hasLetters: setup.deployment == nil && setup.rollout == nil)
        let addresses = try AMQPAddress.list(amqpURL)
        client = BookingClient(addresses: addresses, name: "caramelo-chaos")
        questions = BookingClient(addresses: addresses, name: "caramelo-chaos-questions")
        try await client.connect()
        probe = try await Probe(
            amqpURL, name: "\(Self.queues)-\(prefix)", to: [.notifications, .customers, .candies, .loyalty],
            Sightings(reading: reading) { $0.hasPrefix(prefix + "-") },
            onOutcome: { [latencies] requestID in
                latencies.end(requestID)
                timeline.note { $0.outcomes += 1 }
            })
        load = Load(client, probe, reading, timeline, latencies)
        observer = Observer(questions, reading)
    }

    /// What the names of the probe's queues begin with.
    static let queues = "caramelo-chaos"

    /// The services' backlog among the messages of all queues: without the probe's, and what is kept for good.
    static func backlog(_ queues: [String: Int]) -> [String: Int] {
        queues.filter { !$0.key.hasPrefix(self.queues) && !$0.key.hasPrefix("dead-letter.store") && $0.value > 0 }
    }

    static var now: Int { Int(Timestamp.now.milliseconds) }

    /// Sets up what is booked, then sends the load while `meanwhile` goes on, and what has waited for an outcome when
    /// both are through.
    func run(meanwhile: @Sendable () async throws -> Void) async throws -> History {
        var history = History()
        history.begins = Self.now
        var generator = generator
        for step in generator.setup() {
            history.setup.append(try await load.setUp(step))
            try await eventually("everything is set up", within: 60) { try await isThere(step) }
        }
        async let sent: Void = load.run(generator, rate: setup.rate)
        try await meanwhile()
        await sent
        await load.finish(within: patience)
        try Task.checkCancellation()
        history.load = load.entries
        let changes = history.load.count { !$0.isCertain && [.set, .schedule].contains($0.order.kind) }
        guard changes == 0 else { throw RunFailure("\(changes) changes of destinations or flights were not confirmed") }
        history.ends = Self.now
        return history
    }

    /// Whether what was set up is known: requests that came before it would rightly be rejected.
    private func isThere(_ orders: [Order]) async throws -> Bool {
        var places: Set<String> = []
        var flights: Set<String> = []
        for order in orders {
            switch order.command {
            case .set(let change): places.insert(change.destination)
            case .schedule(let change): flights.insert(change.flight)
            case .request, .cancel, .unreadable: break
            }
        }
        let known = try await observer.destinations()
        return try await observer.flights(flights).count == flights.count
            && places.allSatisfy { known[$0] != nil }
    }

    /// Judges, and looks again for a while where something seems wrong: what is under way is not lost.
    func judge(
        _ history: History, after oracle: Oracle, deleted: Set<String> = [], _ log: ProgressLog,
        observe: () async throws -> Observations
    ) async throws -> Checker {
        let end = ContinuousClock.now + patience
        while true {
            let observed = try await observe()
            let checker = Checker(history, probe.seen, observed, after: oracle, deleted: deleted)
            if checker.findings.isEmpty || ContinuousClock.now > end { return checker }
            log.line("\(checker.findings.count) things seem wrong; looking again in case they are under way")
            try await Task.sleep(for: min(patience, .seconds(10)))
        }
    }

    /// What can be asked by whoever knows the names: everything but the bookings and what is not filtered.
    func observe(_ more: [Observations.Question] = []) async throws -> Observations {
        let names = generator.destinations + [generator.changing, generator.nowhere]
        let flights = generator.roomy + generator.scarce + [generator.growing, generator.departed]
        let addresses = (1...generator.addresses).map { "p\($0).\(generator.prefix)@example.com" }
        var observed = Observations()
        observed.reports = try await observer.reports(names.map { .init($0) } + more)
        observed.flights = try await observer.flights(flights)
        observed.customers = try await observer.customers(addresses)
        observed.destinations = try await observer.destinations()
        return observed
    }

    func close() async {
        load.stop()
        probe.stop()
        await client.close()
        await questions.close()
    }
}
