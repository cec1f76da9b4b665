import AMQP
import Contract
import Logging
import Runtime

/// Takes the steps of replays: sends the next letters back to the queues they came from.
///
/// A step is put on record before its letters are sent. Whoever dies in between leaves the message behind that made it take the
/// step; that comes back as redelivered, and the letters of the step that are not heard of are sent (again).
public struct ReplayRunner: Sendable {
    private let log: LetterLog
    private let reader: StreamReader
    private let rung: RetryLadder.Rung

    /// A runner for what the desk was asked to do.
    public init(_ desk: Desk) {
        log = desk.log
        reader = desk.reader
        rung = desk.service.ladder.rungs[0]
    }

    /// Takes the step that a message asks for.
    /// - Throws: `DependencyAway` while the store can't be read or written.
    public func handle(_ delivery: Delivery) async throws -> Verdict {
        guard let asked = Ledger.ReplayStep(delivery.message) else { return .done() }
        let found = try log.look { ledger in ledger.replayIndex[asked.replay].map { ledger.replays[$0] } }
        guard let replay = found else { return .done() }
        guard asked.number == replay.step, replay.mayGoOn else { return try await again(asked, delivery) }
        let count = allowance(replay)
        guard count > 0 else { return .done([later(asked)]) }
        let outcome = try await log.append(.step(asked, count: count))
        if outcome.refusal != nil { return try await again(asked, delivery) }
        return .done(
            try await messages(outcome.sent, of: replay.id) + (outcome.next.map { [later($0)] } ?? []))
    }

    /// A step that is on record: whoever put it there may have died, or lost its connection, before its letters were sent.
    private func again(_ asked: Ledger.ReplayStep, _ delivery: Delivery) async throws -> Verdict {
        let found = try log.look { ledger in ledger.replayIndex[asked.replay].map { ledger.replays[$0] } }
        guard let replay = found, delivery.isRepeat, asked.number == replay.step - 1 else { return .done() }
        return .done(try await messages(replay.lastSent, of: replay.id) + next(of: replay.id))
    }

    /// How many letters may be sent now.
    private func allowance(_ replay: Ledger.Replay) -> Int {
        let pace = replay.isCanary ? Ledger.canary[min(replay.pace, Ledger.canary.count - 1)] : 1_000
        guard replay.rate > 0, replay.step > 0 else { return replay.rate > 0 ? min(pace, replay.rate) : pace }
        let elapsed = max(0, Timestamp.now.milliseconds - replay.lastStepAt.milliseconds)
        return min(pace, Int(Int64(replay.rate) * min(elapsed, 5_000) / 1_000))
    }

    private func next(of replay: String) throws -> [OutgoingMessage] {
        let step = try log.look { ledger in ledger.replayIndex[replay].flatMap(ledger.next) }
        return step.map { [later($0)] } ?? []
    }

    /// The step after the shortest delay.
    private func later(_ step: Ledger.ReplayStep) -> OutgoingMessage {
        OutgoingMessage(to: rung.name, routingKey: step.message.routingKey, message: step.message.message)
    }

    /// The letters as they go back to their queues: with their ids, and their body as it was edited.
    private func messages(_ ids: [LetterID], of replay: String) async throws -> [OutgoingMessage] {
        let entries = try log.look { ledger in
            ids.compactMap { ledger.index[$0] }.map { ledger.letters[$0] }.filter { $0.status == .replaying }
                .map { ($0, ledger.names[$0.queue]) }
        }
        let records = try await reader.messages(at: entries.flatMap { [$0.0.message, $0.0.bodyRecord] })
        return entries.compactMap { entry, queue in
            guard var message = records[entry.message], let body = records[entry.bodyRecord]?.body else { return nil }
            message.body = body
            message.headers = message.headers.filter { !Self.isOfTheLetter($0.key) }
            message.headers[FailureHeader.letter] = .text(entry.id.description)
            message.headers[FailureHeader.replay] = .text(replay)
            return OutgoingMessage(to: "", routingKey: queue, message: message)
        }
    }

    /// Whether a header is about the letter and not about the message.
    private static func isOfTheLetter(_ header: String) -> Bool {
        [FailureHeader.queue, FailureHeader.service, FailureHeader.reason, FailureHeader.detail, FailureHeader.starts]
            .contains(header) || header.hasPrefix("caramelo-record") || header.hasPrefix("x-stream")
            || header.hasPrefix("x-death") || header.hasPrefix("x-first-death")
    }
}
