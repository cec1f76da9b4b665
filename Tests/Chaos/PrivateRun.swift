import Checking
import Contract
import Foundation
import Model
import Support
import Synchronization

/// A run on servers of its own, with faults.
struct PrivateRun {
    let setup: Verdict.Setup
    let faults: Set<Fault>
    /// What is done instead of faults, if it has a way.
    let rollout: Rollout
    /// Executables to take instead of the services', by the services' names.
    let binaries: [String: String]
    /// Seconds within which 99 % of the outcomes must come; nil where it doesn't matter.
    let maxP99: Double?
    let log: ProgressLog
    /// How long what is missing is waited for once it is quiet.
    let patience: Duration

    /// How long nothing may come nearer to being done; what is missing then is lost.
    private static let longest = Duration.seconds(300)

    func run() async throws -> Verdict {
        log.line("Starting servers and \(setup.replicas) of every service")
        // Nothing happens to the network while replicas are replaced, and the load is higher.
        let routes = rollout.way == nil ? Route.all : []
        let stage = try await Stage(name: "chaos", replicas: setup.replicas, binaries: binaries, routes: routes)
        do {
            let verdict = try await run(on: stage)
            await stage.stop()
            return verdict
        } catch {
            // Not a part of this task, which may be cancelled.
            await Task { await stage.stop() }.value
            throw error
        }
    }

    private func run(on stage: Stage) async throws -> Verdict {
        let zone = stage.environment["REPORT_TIME_ZONE"] ?? "America/Bogota"
        let timeline = TimelineRecorder()
        let session = try await Session(
            setup, amqpURL: stage.amqpURL, prefix: "c\(setup.seed)", zone: zone, timeline: timeline, patience: patience)
        let stored = StoredBookings(stage.databaseURL, session.reading)
        let watch = Task { await log.watch(session) { await stage.backlog().map(Session.backlog) } }
        defer { watch.cancel() }
        let tally = Mutex(NemesisTally())
        let history = try await session.run {
            let done = try await suffer(stage, session)
            tally.withLock { $0 = done }
            for failure in done.failures { log.line("A fault failed: \(failure)") }
            for end in done.uncausedEnds { log.line("Ended by itself: \(end)") }
            log.line("Everything is healed; waiting until it is quiet")
        }
        if try await waitUntilQuiet(stage, session, stored) {
            timeline.noteQuiet()
            log.line("Nothing is left to be done; comparing everything")
        } else {
            log.line("Nothing has got nearer to being done for \(Self.longest); comparing all the same")
        }
        let deletions = timeline.timeline.faults.filter { $0.fault == Fault.queueDeleted.rawValue }
        let checker = try await session.judge(history, after: Oracle(), deleted: Set(deletions.map(\.target)), log) {
            try await observe(stage, session, stored)
        }
        await session.close()
        await stored.close()
        var verdict = Verdict(setup: setup, counts: checker.counts, findings: checker.findings)
        let done = tally.withLock { $0 }
        (verdict.counts.kills, verdict.gaps, verdict.handovers) = (done.kills, done.gaps, done.handovers)
        // Where nothing fails, there is no cause for a service to end either.
        let ends = rollout.way == nil ? done.crashes : done.uncausedEnds
        verdict.findings += ends.map { .init(kind: "unexpected", subject: "a service", problem: $0) }
        verdict.counts.unexpected += ends.count
        verdict.timeline = timeline.timeline
        verdict.latency = session.latencies.summary
        verdict.judgeTimes(maxP99: maxP99)
        return verdict
    }

    /// Does to the system what it shall endure, and returns when it is healed.
    private func suffer(_ stage: Stage, _ session: Session) async throws -> NemesisTally {
        if let way = rollout.way {
            let done = try await rollout.run(by: way, on: stage, session.timeline)
            guard session.load.enough() else {
                throw RunFailure("the load was over before all replicas were replaced: more --seconds, please")
            }
            return done
        }
        guard faults.isEmpty else {
            let nemesis = Nemesis(stage: stage, faults: faults, seed: setup.seed, timeline: session.timeline)
            return try await nemesis.run(for: .seconds(setup.seconds))
        }
        try await Task.sleep(for: .seconds(setup.seconds))
        session.timeline.noteHealed()
        return NemesisTally()
    }

    /// Whether nothing is left to be done, some seconds in a row, since the broker counts what it has now and then only.
    private func waitUntilQuiet(_ stage: Stage, _ session: Session, _ stored: StoredBookings) async throws -> Bool {
        var end = ContinuousClock.now + Self.longest
        var quiet = 0
        var least = Int.max
        var last: Figures?
        while ContinuousClock.now < end {
            do {
                let report = try await session.observer.report()
                let figures = session.reading.figures(report)
                let waiting = await stage.backlog().map { Session.backlog($0).values.reduce(0, +) } ?? .max
                let left = waiting == .max ? waiting : waiting + (try await stored.pending())
                if left < least { (least, end) = (left, .now + Self.longest) }
                quiet = left == 0 && report.rebuilding != true && figures == last ? quiet + 1 : 0
                last = figures
            } catch {
                quiet = 0
            }
            if quiet == 4 { return true }
            try await Task.sleep(for: .seconds(1))
        }
        return false
    }

    private func observe(_ stage: Stage, _ session: Session, _ stored: StoredBookings) async throws -> Observations {
        let today = session.reading.day(of: .now)
        let yesterday = session.reading.day(of: .now.advanced(bySeconds: -86_400))
        let questions: [Observations.Question] =
            [.init(), .init(days: today...today), .init(days: yesterday...yesterday)]
            + session.generator.destinations.map { .init($0, days: yesterday...today) }
        var observed = try await session.observe(questions)
        observed.bookings = try await stored.all()
        // Of the version that runs now: what commands and service say to each other may have changed.
        observed.letters = try await Observer.letters(
            rollout.binary(of: "dead-letter", after: rollout.rounds), environment: stage.environment)
        return observed
    }
}
