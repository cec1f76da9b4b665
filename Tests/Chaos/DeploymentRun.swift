import Checking
import Client
import Contract
import Foundation
import Model
import Support

/// A run on services that are there already: it books under names of its own, breaks nothing, and cancels everything.
struct DeploymentRun {
    let setup: Verdict.Setup
    let amqpURL: String
    let log: ProgressLog

    func run() async throws -> Verdict {
        // Nobody else's, and no earlier run's: request ids are unique over all publishers.
        let prefix = "chaos\(UInt32.random(in: .min ... .max))"
        let zone = ProcessInfo.processInfo.environment["REPORT_TIME_ZONE"] ?? "America/Bogota"
        let session = try await Session(
            setup, amqpURL: amqpURL, prefix: prefix, zone: zone, timeline: TimelineRecorder())
        log.line("Booking under the name \(prefix)")
        let result: Result<Verdict, any Error>
        do {
            result = .success(try await judge(session))
        } catch {
            result = .failure(error)
        }
        // Not a part of this task, which may be cancelled.
        let left = await Task { await cancelEverything(session) }.value
        await session.close()
        if left > 0 { throw RunFailure("\(left) bookings of \(prefix) could not be cancelled") }
        return try result.get()
    }

    private func judge(_ session: Session) async throws -> Verdict {
        let watch = Task { await log.watch(session) }
        defer { watch.cancel() }
        let history = try await session.run {}
        session.timeline.noteHealed()
        log.line("Everything is sent; waiting for the outcomes")
        if try await waitUntilQuiet(session) {
            session.timeline.noteQuiet()
            log.line("Every request has its outcome; comparing everything")
        }
        let known = session.generator.destinations + [session.generator.changing]
        let checker = try await session.judge(history, after: Oracle(destinations: [:]), log) {
            var observed = try await session.observe()
            observed.destinations = observed.destinations.filter { known.contains($0.key) }
            observed.bookings = try await session.observer.bookings(requests(session))
            return observed
        }
        var verdict = Verdict(setup: setup, counts: checker.counts, findings: checker.findings)
        verdict.timeline = session.timeline.timeline
        return verdict
    }

    private func requests(_ session: Session, onlyCertain: Bool = false) -> Set<String> {
        Set(
            session.load.entries.compactMap { entry in
                guard entry.isCertain || !onlyCertain, case .request(let request) = entry.order.command else {
                    return nil
                }
                return request.id
            })
    }

    /// Whether every request has been announced and the figures stay as they are, within five minutes.
    private func waitUntilQuiet(_ session: Session) async throws -> Bool {
        let end = ContinuousClock.now + .seconds(300)
        let ids = requests(session, onlyCertain: true)
        let questions = session.generator.destinations.map { Observations.Question($0) }
        var last: [Observations.Question: Figures] = [:]
        while ContinuousClock.now < end {
            let traces = session.probe.seen.traces
            let reports = try await session.observer.reports(questions)
            if reports == last, ids.allSatisfy({ traces[$0]?.settled != nil }) { return true }
            last = reports
            try await Task.sleep(for: .seconds(2))
        }
        return false
    }

    /// Cancels whatever is booked, for some minutes.
    /// - Returns: how many bookings are left.
    private func cancelEverything(_ session: Session) async -> Int {
        session.load.stop()
        log.line("Cancelling what was booked")
        let left = await session.observer.cancel(requests(session), by: session.client)
        return left.intersection(requests(session, onlyCertain: true)).count
    }
}
