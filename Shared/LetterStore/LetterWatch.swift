import Contract
import Logging
import Metrics
import Runtime

/// Looks after the letters now and then: keeps the gauges, has what was resolved long ago left behind, gets replays going whose next step
/// got lost, and gives up waiting for letters of which nothing is heard.
public struct LetterWatch: Sendable {
    private let log: LetterLog
    private let retention: Retention
    private let logger: Logger
    /// How long nothing may be heard of letters that were sent, in milliseconds: longer than any of them waits somewhere on its way.
    private let longestSilence: Int

    private static let interval = Duration.seconds(5)
    /// How long a replay may stand still although it could go on.
    private static let patience: Int64 = 30_000

    /// A watch over what the log says.
    /// - Parameter retention: after how many days a resolved letter is forgotten.
    public init(_ desk: Desk, retention: Int) {
        log = desk.log
        let service = desk.service
        self.retention = Retention(desk, days: retention)
        logger = service.logger
        longestSilence = service.ladder.rungs.last?.milliseconds ?? 0
    }

    /// Looks until the task is cancelled.
    public func run(_ backstage: Backstage) async {
        var labels: Set<Ledger.Kind> = []
        while (try? await Task.sleep(for: Self.interval)) != nil {
            await retention.look()
            guard let state = try? log.look({ $0.state(now: .now, Self.patience, Int64(longestSilence)) }) else {
                continue
            }
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
            for step in state.silent { await giveUp(step) }
            guard (try? await backstage.publish(state.waiting.map(\.message))) != nil else { return }
        }
    }

    /// What was sent may be lost with its queue; should it be on its way still, it counts when it is heard of.
    private func giveUp(_ step: Ledger.ReplayStep) async {
        let why = "nothing was heard of it for \(longestSilence / 60_000) min: is its queue consumed, was it deleted?"
        guard let outcome = try? await log.append(.lost(before: step, why: why)), outcome.affected > 0 else { return }
        logger.warning(
            "replayed letters are not heard of",
            metadata: ["replay": "\(step.replay)", "letters": "\(outcome.affected)"])
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
        var silent: [ReplayStep] = []
    }

    /// The most pairs of queue and reason that are counted apart.
    private static let longestList = 200

    func state(now: Timestamp, _ patience: Int64, _ longestSilence: Int64) -> State {
        var state = State()
        var counts: [Int64: Int] = [:]
        var oldest = now
        for number in letters.indices where !letters[number].status.isResolved {
            counts[Int64(letters[number].queue) << 32 | Int64(letters[number].reason), default: 0] += 1
            oldest = min(oldest, letters[number].at)
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
            if replay.outstanding > 0, now.milliseconds - replay.lastHeardAt.milliseconds > longestSilence {
                state.silent.append(ReplayStep(replay: replay.id, number: replay.step))
            }
        }
        return state
    }
}
