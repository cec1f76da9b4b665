import Support
import Terminal

/// How a backlog is worked off that has piled up while no service ran.
struct Backlog: Codable, Sendable {
    let requests: Int
    /// Outcomes a second while each tenth of them arrived.
    let tenths: [Double]
    /// From the start of the services until the first outcome.
    let secondsToFirst: Double
    /// From the start of the services until the last outcome.
    let seconds: Double
    let outcomesPerSecond: Double
    /// The last tenth's pace over the first's.
    let evenness: Double
    let isComplete: Bool
    let parts: [Measurement.Part]

    /// Ends the services, publishes so many requests, starts the services, and waits until all is done.
    static func measure(_ requests: Int, _ stage: Stage, _ session: Session) async throws -> Backlog {
        session.log.line("Piling up a backlog")
        await stage.system.endServices()
        let course = session.newCourse(rate: nil, count: requests)
        let watching = Task {
            while (try? await Task.sleep(for: .seconds(5))) != nil {
                session.log.line("  \(Figures.count(course.counts.confirmed)) of \(Figures.count(requests))")
            }
        }
        defer { watching.cancel() }
        try await session.publish(course)
        watching.cancel()
        session.log.line("Starting the services")
        let start = steadyNow
        try stage.start()
        var recorder = PartsRecorder(stage.parts)
        try await session.waitForOutcomes(of: course) { recorder.look() }
        return Backlog(course.journal, startedAt: start, recorder.parts(requests: requests))
    }

    /// - Parameters:
    ///   - journal: at the end.
    ///   - start: when the services were started.
    init(_ journal: Course.Journal, startedAt start: UInt64, _ parts: [Measurement.Part]) {
        let times = journal.arrived.filter { $0 > 0 }.sorted()
        requests = journal.arrived.count
        let (first, last) = (times.first ?? start, times.last ?? start)
        func seconds(_ from: UInt64, _ to: UInt64) -> Double { Double(max(to, from) - from) / 1e9 }
        let pace = { (count: Int, from: UInt64, to: UInt64) in Double(count) / max(seconds(from, to), 1e-9) }
        tenths = (0..<10).compactMap { tenth in
            let (from, to) = (times.count * tenth / 10, times.count * (tenth + 1) / 10 - 1)
            return to > from ? pace(to - from, times[from], times[to]) : nil
        }
        secondsToFirst = seconds(start, first)
        self.seconds = seconds(start, last)
        outcomesPerSecond = pace(times.count, start, last)
        evenness = (tenths.last ?? 0) / max(tenths.first ?? 0, 1e-9)
        isComplete = times.count == journal.arrived.count && journal.rejected == 0
        self.parts = parts
    }
}
