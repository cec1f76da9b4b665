import Support
import Terminal

/// A run on services of its own.
struct PrivateRun: Sendable {
    let plan: Bench
    let log: ProgressLog

    func run() async throws -> Results {
        log.line("Starting the services")
        let stage = try await Stage(replicas: plan.replicas)
        do {
            let results = try await run(on: stage)
            await stage.system.stop()
            return results
        } catch {
            // Not a part of this task, which may be cancelled.
            await Task { await stage.system.stop() }.value
            throw error
        }
    }

    private func run(on stage: Stage) async throws -> Results {
        try stage.start()
        try await stage.system.ready()
        if plan.stored > 0 {
            log.line("Storing \(Figures.count(plan.stored)) bookings")
            try await StoredBookings(databaseURL: stage.system.databaseURL, log: log).fill(plan.stored)
        }
        let session = try await Session("caramelo", amqpURL: stage.system.amqpURL, log) { stage.parts }
        try await session.setUp()
        var results = Results(.init(replicas: plan.replicas, stored: plan.stored, deployment: nil))
        let raw = plan.raw ? try await RawRun(log) : nil
        do {
            try await LoadRun(plan: plan, log: log).run([raw?.session, session].compactMap(\.self), into: &results)
            await raw?.stop()
        } catch {
            await raw?.stop()
            throw error
        }
        if let backlog = plan.backlog {
            results.backlog = try await Backlog.measure(backlog, stage, session)
        }
        results.startUps = try await StartUp.measure(stage, session, starts: plan.starts)
        log.line("Comparing with the report")
        results.booked = session.arrived
        results.counted = try await session.counted(atLeast: results.booked)
        await session.close()
        return results
    }
}
