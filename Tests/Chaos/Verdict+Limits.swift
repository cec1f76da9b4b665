extension Verdict {
    /// Seconds that a replica may take to end after SIGTERM.
    static let longestDrain = 10.0

    /// Adds what took too long.
    /// - Parameter maxP99: seconds within which 99 % of the outcomes must come, in every ten seconds; nil where it is not asked.
    mutating func judgeTimes(maxP99: Double?) {
        for handover in handovers {
            if handover.starting == nil { note(handover.replica, "its successor was not ready within two minutes") }
            if setup.rollout?.signal == Rollout.Way.sigterm.rawValue, handover.ending > Self.longestDrain {
                note(handover.replica, "took \(Words.seconds(handover.ending)) to end after SIGTERM")
            }
        }
        if let maxP99, let latency, latency.worstP99 > maxP99 {
            note("outcomes", "in some ten seconds 99 % came within \(Words.seconds(latency.worstP99)) only")
        }
    }

    private mutating func note(_ subject: String, _ problem: String) {
        findings.append(.init(kind: "slow", subject: subject, problem: problem))
    }
}
