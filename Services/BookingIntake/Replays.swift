import Contract
import Runtime
import Synchronization

/// `figures.replay`: publishes some parts of what is settled once more, and the rest of the question to itself.
///
/// So each step is a message of its own, acknowledged when its successor is confirmed: whoever dies in between, the
/// chain goes on.
final class Replays: Sendable {
    private let store: BookingStore
    private let backstage = Mutex<Backstage?>(nil)

    /// Parts of a step: 1,024 booking numbers are read in some milliseconds.
    private static let step = 32
    /// The most messages that may wait for those who take in replays, so that a large one does not fill the broker.
    private static let longestQueue = 2_000

    init(store: BookingStore) { self.store = store }

    /// From here on it looks at how much waits.
    func enter(_ backstage: Backstage) { self.backstage.withLock { $0 = backstage } }

    func handle(_ batch: [Delivery]) async throws -> [Verdict] {
        var verdicts: [Verdict] = []
        for delivery in batch {
            do {
                verdicts.append(.done(try await replay(FiguresReplay.read(delivery.body), delivery)))
            } catch let unreadable as Unreadable {
                verdicts.append(Verdict(failure: unreadable))
            }
        }
        return verdicts
    }

    /// The last part first: what Redis has lost is mostly what came last.
    private func replay(_ asked: FiguresReplay, _ delivery: Delivery) async throws -> [OutgoingMessage] {
        guard await hasRoom() else {
            return [.between(services: RoutingKey.figuresReplay, asked, causedBy: delivery)]
        }
        let parts = max(asked.first, asked.last - Self.step + 1)...asked.last
        let size = FiguresReplay.partSize
        let outcomes = try await store.settledBookings(parts.lowerBound * size..<(parts.upperBound + 1) * size)
        let byPart = Dictionary(grouping: outcomes) { $0.bookingNumber / size }
        var messages = parts.reversed().map { part in
            let replayed = BookingsReplayed(
                generation: asked.generation, part: part, outcomes: byPart[part, default: []])
            return OutgoingMessage.between(services: RoutingKey.bookingReplayed, replayed, causedBy: delivery)
        }
        if parts.lowerBound > asked.first {
            let rest = FiguresReplay(generation: asked.generation, first: asked.first, last: parts.lowerBound - 1)
            messages.append(.between(services: RoutingKey.figuresReplay, rest, causedBy: delivery))
        }
        return messages
    }

    /// Waits a little for room in the queues that a replay goes to.
    private func hasRoom() async -> Bool {
        guard let backstage = backstage.withLock({ $0 }) else { return false }
        for _ in 0..<10 {
            let waiting = [
                await backstage.waiting(in: QueueName.figures), await backstage.waiting(in: QueueName.candies),
            ]
            if waiting.allSatisfy({ $0 ?? .max < Self.longestQueue }) { return true }
            guard (try? await Task.sleep(for: .milliseconds(200))) != nil else { return false }
        }
        return false
    }
}
