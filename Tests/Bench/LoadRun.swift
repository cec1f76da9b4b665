import Support
import Terminal

/// Throughput and latencies, the same wherever the services are.
struct LoadRun: Sendable {
    let plan: Bench
    let log: ProgressLog

    /// Measures each subject in turn, so that what else the machine does meanwhile strikes all of them.
    func run(_ sessions: [Session], into results: inout Results) async throws {
        log.line("Warming up")
        for session in sessions { _ = try await session.measure(rate: nil, count: min(plan.count, 1_000)) }
        for round in 0..<plan.rounds {
            for session in sessions {
                log.line("Throughput of \(session.subject), round \(round + 1) of \(plan.rounds)")
                let measurement = try await session.measure(rate: nil, count: plan.count)
                log.line("  \(Figures.count(Int(measurement.outcomesPerSecond))) a second")
                results.throughput.append(measurement)
            }
        }
        for rate in plan.rates.perSecond {
            for session in sessions {
                log.line("Latency of \(session.subject) at \(Figures.count(rate)) a second, for \(plan.seconds) s")
                let measurement = try await session.measure(rate: Double(rate), count: rate * plan.seconds)
                if let outcome = measurement.outcome {
                    log.line("  p50 \(outcome.p50.milliseconds), p99 \(outcome.p99.milliseconds)")
                }
                results.rates.append(measurement)
            }
        }
    }
}

extension Double {
    /// A time in milliseconds, for people.
    var milliseconds: String {
        switch self {
        case ..<10: "\((self * 100).rounded() / 100) ms"
        case ..<1_000: "\((self * 10).rounded() / 10) ms"
        default: "\((self / 100).rounded() / 10) s"
        }
    }
}
