import Synchronization

/// What happened when, second by second: for the report's plot. Times are seconds since the run began.
struct Timeline: Codable, Sendable {
    /// One second of the run.
    struct Second: Codable, Sendable {
        /// Commands that the broker confirmed to the client.
        var confirmed = 0
        /// Outcomes and cancellations seen, each the first time.
        var outcomes = 0
        /// Messages in all work queues, at the end of that second; nil where the broker couldn't say.
        var backlog: Int?
    }
    /// A fault, from its injection to its end; a kill has no length.
    struct Span: Codable, Sendable {
        /// The fault's name, as `--faults` takes it.
        var fault: String
        /// What it hit, such as `pricing` or `rabbitmq`.
        var target: String
        var begins: Double
        var ends: Double
    }

    /// By second.
    var seconds: [Second] = []
    /// In the order of their beginnings.
    var faults: [Span] = []
    /// When the nemesis ended and everything was healed.
    var healed: Double?
    /// When nothing was left to be done.
    var quiet: Double?
}

/// Collects a timeline from several tasks.
final class TimelineRecorder: Sendable {
    private let start = ContinuousClock.now
    private let recorded = Mutex(Timeline())

    /// The timeline so far.
    var timeline: Timeline { recorded.withLock { $0 } }

    /// Seconds since the run began.
    var now: Double { (ContinuousClock.now - start) / .seconds(1) }

    /// Changes what is recorded of the present second.
    func note(_ change: (inout Timeline.Second) -> Void) {
        let index = Int(now)
        recorded.withLock { timeline in
            while timeline.seconds.count <= index { timeline.seconds.append(.init()) }
            change(&timeline.seconds[index])
        }
    }

    /// Records a fault that began at `begins` and ends now.
    func note(_ fault: String, of target: String, since begins: Double) {
        let span = Timeline.Span(fault: fault, target: target, begins: begins, ends: now)
        recorded.withLock { timeline in
            let index = timeline.faults.lastIndex { $0.begins <= begins }.map { $0 + 1 } ?? 0
            timeline.faults.insert(span, at: index)
        }
    }

    /// Records that everything is healed.
    func noteHealed() { recorded.withLock { $0.healed = now } }

    /// Records that nothing is left to be done.
    func noteQuiet() { recorded.withLock { $0.quiet = now } }
}
