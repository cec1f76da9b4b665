import Contract
import Metrics
import Runtime

/// Looks after the letters now and then: keeps the gauges, and gets replays going whose next step got lost.
public struct LetterWatch: Sendable {
    private let log: LetterLog
    private let retention: Int

    private static let interval = Duration.seconds(5)
    /// How long a replay may stand still although it could go on.
    private static let patience: Int64 = 30_000

    /// A watch over what the log says.
    /// - Parameter retention: after how many days a resolved letter is forgotten.
    public init(log: LetterLog, retention: Int) {
        self.log = log
        self.retention = retention
    }

    /// Looks until the task is cancelled.
    public func run(_ backstage: Backstage) async {
        var labels: Set<Ledger.Kind> = []
        while (try? await Task.sleep(for: Self.interval)) != nil {
            _ = log.forget(resolvedBefore: Timestamp.now.advanced(bySeconds: -86_400 * retention))
            guard let state = try? log.look({ $0.state(now: .now, patience: Self.patience) }) else { continue }
            labels.formUnion(state.unresolved.keys)
            for label in labels {
                Gauge(
                    label: "caramelo.dead_letters.unresolved",
                    dimensions: [("queue", label.queue), ("reason", label.reason)]
                ).record(state.unresolved[label] ?? 0)
            }
            Gauge(label: "caramelo.dead_letters.oldest_unresolved_seconds").record(state.oldest)
            Gauge(label: "caramelo.dead_letters.replays", dimensions: [("result", "succeeded")]).record(state.succeeded)
            Gauge(label: "caramelo.dead_letters.replays", dimensions: [("result", "failed")]).record(state.failed)
            guard (try? await backstage.publish(state.waiting.map(\.message))) != nil else { return }
        }
    }
}

extension Ledger {
    /// A queue and a reason.
    struct Kind: Hashable, Sendable {
        let queue: String
        let reason: String
    }

    /// What the gauges show, and the replays that stand still.
    struct State: Sendable {
        var unresolved: [Kind: Int] = [:]
        var oldest = 0.0
        var succeeded = 0
        var failed = 0
        var waiting: [ReplayStep] = []
    }

    /// The most pairs of queue and reason that are counted apart.
    private static let longestList = 200

    func state(now: Timestamp, patience: Int64) -> State {
        var state = State()
        var counts: [Int64: Int] = [:]
        var oldest = now
        for entry in letters where !entry.status.isResolved {
            counts[Int64(entry.queue) << 32 | Int64(entry.reason), default: 0] += 1
            oldest = min(oldest, entry.at)
        }
        state.oldest = Double(now.milliseconds - oldest.milliseconds) / 1_000
        for (key, count) in counts.sorted(by: { $0.value > $1.value }) {
            let kind = Kind(queue: names[Int32(key >> 32)], reason: names[Int32(truncatingIfNeeded: key)])
            let isFull = state.unresolved.count >= Self.longestList
            state.unresolved[isFull ? Kind(queue: "other", reason: "other") : kind, default: 0] += count
        }
        for (place, replay) in replays.enumerated() {
            state.succeeded += replay.succeeded
            state.failed += replay.failed
            let last = max(replay.lastStepAt, replay.at)
            if now.milliseconds - last.milliseconds > patience, let step = next(place) { state.waiting.append(step) }
        }
        return state
    }
}
