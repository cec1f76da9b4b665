/// What callers noticed of a scene.
struct SceneResult: Codable, Sendable {
    /// The requests that were due while something was wrong.
    struct Troubled: Codable, Sendable {
        /// Until the broker had confirmed them, which is as long as a caller waits.
        let confirm: Latency
        /// Until the outcomes arrived, which is as long as a caller would wait for whom the work is done while it waits.
        let outcome: Latency
        /// Shares of requests that a caller who waits so many seconds for the outcome would have given up, from 0 to 1.
        let givenUpAfter2, givenUpAfter30: Double
    }
    /// A quarter of a second of the requests: the longest waits of those due in it, in milliseconds.
    struct Moment: Codable, Sendable {
        let second, confirm, outcome: Double
    }

    let scene: Scene
    let sent, outcomes: Int
    /// From when it went wrong until it was right again, in seconds since the first request was due.
    let troubleFrom, troubleTo: Double
    let troubled: Troubled
    /// From when it was right again until every request that was due before had its outcome.
    let secondsToCatchUp: Double
    let moments: [Moment]

    /// - Parameters:
    ///   - journal: at the end.
    ///   - trouble: from when it went wrong until it was right again, by the steady clock.
    init(_ scene: Scene, _ journal: Course.Journal, trouble: ClosedRange<UInt64>) {
        let schedule = journal.schedule
        func seconds(_ time: UInt64) -> Double { Double(max(time, schedule.start) - schedule.start) / 1e9 }
        self.scene = scene
        (sent, outcomes) = (journal.confirmed.count, journal.arrivedCount)
        (troubleFrom, troubleTo) = (seconds(trouble.lowerBound), seconds(trouble.upperBound))
        let all = journal.confirmed.indices
        let from = all.first { schedule.due($0) >= trouble.lowerBound } ?? 0
        let to = max(from, all.first { schedule.due($0) >= trouble.upperBound } ?? all.upperBound)
        let outcomes = journal.waits(until: journal.arrived, of: from..<to)
        func share(over seconds: UInt64) -> Double {
            let late = outcomes.count { $0 > seconds * 1_000_000_000 } + (to - from - outcomes.count)
            return to > from ? Double(late) / Double(to - from) : 0
        }
        troubled = Troubled(
            confirm: Latency(nanoseconds: journal.waits(until: journal.confirmed, of: from..<to)),
            outcome: Latency(nanoseconds: outcomes), givenUpAfter2: share(over: 2), givenUpAfter30: share(over: 30))
        let last = journal.arrived[..<to].max() ?? 0
        secondsToCatchUp = Double(max(last, trouble.upperBound) - trouble.upperBound) / 1e9
        moments = Self.moments(journal)
    }

    private static func moments(_ journal: Course.Journal) -> [Moment] {
        guard let rate = journal.schedule.rate else { return [] }
        let size = max(1, Int(rate / 4))
        return stride(from: 0, to: journal.confirmed.count, by: size).map { start in
            let indices = start..<min(start + size, journal.confirmed.count)
            func longest(_ times: [UInt64]) -> Double {
                Double(journal.waits(until: times, of: indices).max() ?? 0) / 1e6
            }
            return Moment(
                second: Double(start) / rate, confirm: longest(journal.confirmed), outcome: longest(journal.arrived))
        }
    }
}
