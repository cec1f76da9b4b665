import Foundation
import Support

/// Something that goes wrong behind the broker, and right again.
enum Scene: String, CaseIterable, Codable, Sendable {
    case allWell = "all is well"
    case pricingSlow = "pricing works a tenth of the time"
    case pricingStopped = "pricing is stopped"
    case databasePaused = "PostgreSQL hangs"
    case databaseStopped = "PostgreSQL is stopped"
    case notifierStopped = "the notifier is stopped"
    case allStopped = "all services are stopped"

    /// Makes it go wrong until `end`, and right again.
    func play(on stage: Stage, until end: ContinuousClock.Instant) async throws {
        switch self {
        case .allWell: try await sleep(until: end)
        case .pricingSlow:
            while ContinuousClock.now < end {
                Self.signal(SIGSTOP, "pricing", on: stage)
                try? await Task.sleep(for: .milliseconds(900))
                Self.signal(SIGCONT, "pricing", on: stage)
                try await Task.sleep(for: .milliseconds(100))
            }
        case .pricingStopped: try await stop(["pricing"], on: stage, until: end)
        case .notifierStopped: try await stop(["notifier"], on: stage, until: end)
        case .allStopped: try await stop(TestSystem.services, on: stage, until: end)
        case .databasePaused:
            try await stage.act("pause", "postgres")
            try? await sleep(until: end)
            try await stage.act("resume", "postgres")
        case .databaseStopped:
            try await stage.act("stop", "postgres")
            try? await sleep(until: end)
            try await stage.act("start", "postgres")
        }
    }

    private func stop(_ services: [String], on stage: Stage, until end: ContinuousClock.Instant) async throws {
        for service in services { await stage.end(service) }
        try await sleep(until: end)
        for service in services { try stage.system.start(service) }
    }

    private func sleep(until end: ContinuousClock.Instant) async throws {
        try await Task.sleep(until: end, clock: .continuous)
    }

    private static func signal(_ number: Int32, _ service: String, on stage: Stage) {
        for process in stage.system.replicas(of: service) { process.signal(number) }
    }
}
