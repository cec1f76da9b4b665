import Contract
import Logging
import Metrics
import Runtime

/// `figures.checkpoint`: compares what is counted with what is settled, and asks for what is missing.
struct Checkpoints: Sendable {
    let projection: Projection
    /// Whether all times are a tenth (`FAST_RETRY`).
    let isFast: Bool
    let logger: Logger

    /// A chunk that was settled just now is not compared: its events may be on their way.
    private var quiet: Duration { .seconds(isFast ? 1 : 10) }
    /// When a replay of which nothing arrives is asked for again; longer than any transaction of booking-intake.
    private var patience: Duration { .seconds(isFast ? 6 : 60) }

    func handle(_ batch: [Delivery]) async throws -> [Verdict] {
        var verdicts: [Verdict] = []
        for delivery in batch { verdicts.append(try await compare(delivery)) }
        return verdicts
    }

    private func compare(_ delivery: Delivery) async throws -> Verdict {
        let checkpoint: FiguresCheckpoint
        do {
            checkpoint = try JSON.decode(FiguresCheckpoint.self, from: delivery.body)
        } catch { return Verdict(failure: error) }
        let (replay, why, left) = try await projection.take(checkpoint, quiet: quiet, patience: patience)
        Gauge(label: "caramelo.missing_parts").record(left)
        guard let replay else { return .done() }
        logger.warning(
            "figures are being rebuilt", metadata: ["reason": "\(why)", "parts": "\(replay.first)…\(replay.last)"])
        return .done([.between(services: RoutingKey.figuresReplay, replay, causedBy: delivery)])
    }
}
