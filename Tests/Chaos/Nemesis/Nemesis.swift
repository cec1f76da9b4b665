import Support

/// What the nemesis has done.
struct NemesisTally: Sendable {
    /// Processes ended with SIGKILL: services, also those that died in gaps, and servers.
    var kills = 0
    /// Faults injected, by name; kills in gaps are not among them.
    var faults: [String: Int] = [:]
    /// All gaps, with how often each was hit.
    var gaps: [Verdict.Gap] = []
    /// Services that ended although nobody ended them: which, how, and the end of their logs.
    var uncausedEnds: [String] = []
    /// Those of them that crashed.
    var crashes: [String] = []
    /// How replicas were replaced where that was the task.
    var handovers: [Verdict.Handover] = []
    /// Faults that could not be injected or undone as they should, and why.
    var failures: [String] = []
}

/// Injects faults by a schedule that follows from the seed alone, and heals.
struct Nemesis: Sendable {
    private let stage: Stage
    private let faults: Set<Fault>
    private let seed: UInt64
    private let timeline: TimelineRecorder

    /// - Parameter timeline: where each fault is recorded.
    init(stage: Stage, faults: Set<Fault>, seed: UInt64, timeline: TimelineRecorder) {
        self.stage = stage
        self.faults = faults
        self.seed = seed
        self.timeline = timeline
    }

    /// Injects faults for so long, then undoes what there is left of them.
    /// - Throws: ``TestFailure`` where not everything is ready again two minutes later.
    func run(for duration: Duration) async throws -> NemesisTally {
        let begin = ContinuousClock.now
        let end = begin + duration
        let replicas = await stage.crew.seats.count / TestSystem.services.count
        let schedule = Schedule(faults: faults, seed: seed, seconds: duration / .seconds(1), replicas: replicas)
        async let gaps: [Verdict.Gap] =
            faults.contains(.gaps) ? Gaps(stage: stage, seed: seed, timeline: timeline).run(until: end) : []
        var tally = await withTaskGroup { group in
            for lane in schedule.lanes { group.addTask { await suffer(lane, from: begin, until: end) } }
            return await group.reduce(into: NemesisTally()) { $0.add($1) }
        }
        tally.gaps = await gaps
        try Task.checkCancellation()
        try await stage.heal()
        timeline.noteHealed()
        await tally.add(stage.crew)
        return tally
    }

    private func suffer(
        _ lane: [Schedule.Step], from begin: ContinuousClock.Instant, until end: ContinuousClock.Instant
    ) async -> NemesisTally {
        var tally = NemesisTally()
        for step in lane {
            guard (try? await stage.pause(until: begin + .seconds(step.begins))) != nil, ContinuousClock.now < end
            else { break }
            let start = timeline.now
            do {
                try await stage.suffer(step, until: end)
                tally.faults[step.fault.rawValue, default: 0] += 1
                if step.fault.killsServer { tally.kills += 1 }
            } catch {
                tally.failures.append("\(step.fault.rawValue) of \(step.target): \(error)")
            }
            timeline.note(step.fault.rawValue, of: "\(step.target)", since: start)
        }
        return tally
    }
}

extension NemesisTally {
    /// Adds what became of the replicas; the gaps must be known.
    mutating func add(_ crew: Crew) async {
        let suicides = await crew.suicides
        let hits = gaps.reduce(0) { $0 + $1.hits }
        kills += await crew.kills + suicides
        uncausedEnds = await crew.ends
        crashes = await crew.crashes
        if suicides > hits {
            uncausedEnds.append("\(suicides - hits) services ended by a SIGKILL that nobody here sent")
        }
    }

    fileprivate mutating func add(_ other: NemesisTally) {
        kills += other.kills
        faults.merge(other.faults) { $0 + $1 }
        failures += other.failures
    }
}

extension Fault {
    /// Whether it ends a server with SIGKILL.
    fileprivate var killsServer: Bool { [.rabbitmqKilled, .postgresKilled, .redisKilled].contains(self) }
}
