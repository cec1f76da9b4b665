import Support

/// Plays one scene after the other under a steady load.
struct WhyRun: Sendable {
    let rate: Int
    /// How long each scene's load goes on; something is wrong in the middle half of it.
    let seconds: Int
    let log: ProgressLog

    func run() async throws -> WhyResults {
        log.line("Starting the services")
        let stage = try await Stage(replicas: 1)
        do {
            let results = try await run(on: stage)
            await stage.system.stop()
            return results
        } catch {
            // Not a part of this task, which may be cancelled.
            await Task {
                // A server that is stopped or paused would keep the rest from ending.
                for action in ["start", "resume"] { try? await stage.act(action, "postgres") }
                await stage.system.stop()
            }.value
            throw error
        }
    }

    private func run(on stage: Stage) async throws -> WhyResults {
        try stage.start()
        try await stage.system.ready()
        let session = try await Session("caramelo", amqpURL: stage.system.amqpURL, log)
        try await session.setUp()
        log.line("Warming up")
        _ = try await session.measure(rate: nil, count: 500)
        var results = WhyResults(
            setup: .init(replicas: 1, stored: 0, deployment: nil), rate: rate, seconds: seconds, scenes: [])
        for scene in Scene.allCases {
            log.line("\(rate) a second for \(seconds) s; in the middle half of it \(scene.rawValue)")
            results.scenes.append(try await play(scene, stage, session))
        }
        await session.close()
        return results
    }

    private func play(_ scene: Scene, _ stage: Stage, _ session: Session) async throws -> SceneResult {
        let course = session.newCourse(rate: Double(rate), count: rate * seconds)
        let sending = Task { try await session.publish(course) }
        let start = ContinuousClock.now
        let trouble: ClosedRange<UInt64>
        do {
            try await Task.sleep(until: start + .seconds(Double(seconds) / 4), clock: .continuous)
            let from = steadyNow
            try await scene.play(on: stage, until: start + .seconds(Double(seconds) * 3 / 4))
            trouble = from...steadyNow
        } catch {
            sending.cancel()
            throw error
        }
        try await session.waitForOutcomes(of: course, sending)
        let result = SceneResult(scene, course.journal, trouble: trouble)
        log.line(
            """
              confirmed within \(result.troubled.confirm.max.milliseconds), outcomes within \
            \(result.troubled.outcome.max.milliseconds), \(result.sent - result.outcomes) missing
            """)
        return result
    }
}
