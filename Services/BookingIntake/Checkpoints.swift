import Contract
import Logging
import Runtime

/// Tells stats every few seconds how much is settled, so that it notices when something is missing in its figures.
struct Checkpoints: Sendable {
    let store: BookingStore
    /// Time between checkpoints of all replicas together.
    let interval: Duration
    let logger: Logger

    /// Makes checkpoints until it is cancelled.
    func run(_ backstage: Backstage) async {
        repeat {
            do {
                // While stats is away one checkpoint waits for it; it never finds a pile of them. While candy-accounting is,
                // stats goes on with what it knows, and takes no notice later of those that are outdated.
                guard await backstage.waiting(in: QueueName.checkpoints) == 0,
                    await backstage.waiting(in: QueueName.settled) ?? .max < 1_000,
                    let (number, madeAt) = try await store.nextCheckpoint(after: interval)
                else { continue }
                let last = try await store.lastBooking()
                let newest = last / SettledChunk.size
                var chunks = [try await store.settled(chunk: newest)]
                if newest > 0 { chunks.append(try await store.settled(chunk: number % newest)) }
                // Asked after the database: what is settled by now has been counted if nothing waits.
                let waiting = max(
                    await backstage.waiting(in: QueueName.figures) ?? .max,
                    await backstage.waiting(in: QueueName.candies) ?? .max)
                let checkpoint = FiguresCheckpoint(
                    checkpoint: number, madeAt: madeAt, lastBooking: last, eventsWaiting: waiting, chunks: chunks)
                try await backstage.publish([
                    .between(services: RoutingKey.figuresSettled, checkpoint, causedBy: nil)
                ])
            } catch {
                logger.debug("no checkpoint now", metadata: ["error": "\(error)"])
            }
        } while (try? await Task.sleep(for: interval / 4)) != nil
    }
}
