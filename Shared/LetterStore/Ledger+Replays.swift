import AMQP
import Contract
import Runtime

extension Ledger {
    /// Letters on their way back to the queues they came from.
    struct Replay: Sendable {
        let id: String
        let by: String?
        let why: String?
        let at: Timestamp
        let isCanary: Bool
        /// Letters a second at most; 0 for as many as there are.
        let rate: Int
        /// It stops when more have failed since it was begun or resumed.
        let mostFailures: Int
        let letters: [LetterID]
        /// How many of them it has dealt with: sent, or passed over because they were not open any more.
        var position = 0
        var sent = 0
        var succeeded = 0
        var failed = 0
        var failedBefore = 0
        var state = ReplayState.running
        /// Why it was stopped, and by whom.
        var note: String?
        /// The number of the next step.
        var step = 0
        /// Steps since it was begun or resumed, which make the canary's pace.
        var pace = 0
        var lastStepAt = Timestamp.earliest
        /// What the last step sent.
        var lastSent: [LetterID] = []

        /// Sent, and not heard of yet.
        var outstanding: Int { sent - succeeded - failed }

        /// Whether there is something to be sent now.
        var mayGoOn: Bool {
            state == .running && position < letters.count && (!isCanary || outstanding == 0)
        }
    }

    /// How many letters the steps of a canary send; the last for all further ones.
    static let canary = [1, 2, 5, 20, 100, 500]

    mutating func order(_ record: LogRecord) -> Outcome {
        if let known = replayIndex[record.id] {
            return Outcome(affected: replays[known].letters.count, next: next(known))
        }
        let ids = LetterID.unpack(record.message.body).filter { index[$0] != nil }
        replays.append(
            Replay(
                id: record.id, by: record.text(LogRecord.Field.by), why: record.text(LogRecord.Field.why),
                at: record.at, isCanary: record.message.headers[LogRecord.Field.isCanary] != .bool(false),
                rate: record.int(LogRecord.Field.rate) ?? 0,
                mostFailures: record.int(LogRecord.Field.mostFailures) ?? 0, letters: ids))
        replayIndex[record.id] = replays.count - 1
        if ids.isEmpty { replays[replays.count - 1].state = .finished }
        return Outcome(affected: ids.count, next: next(replays.count - 1))
    }

    /// The next letters are about to be sent: those of the replay's that are still open.
    mutating func step(_ record: LogRecord) -> Outcome {
        guard let place = replayIndex[record.text(FailureHeader.replay) ?? ""],
            record.int(LogRecord.Field.step) == replays[place].step, replays[place].mayGoOn
        else { return .refused(.wrongState, "this step was taken already, or the replay does not run") }
        let count = record.int(LogRecord.Field.count) ?? 0
        var sent: [LetterID] = []
        while replays[place].position < replays[place].letters.count, sent.count < count {
            let id = replays[place].letters[replays[place].position]
            replays[place].position += 1
            guard let number = index[id], letters[number].status == .open else { continue }
            set(.replaying, of: number, at: record.at)
            letters[number].replay = Int32(place)
            note(Act(kind: .sent, id: replays[place].id, at: record.at, by: replays[place].by), on: number)
            sent.append(id)
        }
        replays[place].step += 1
        replays[place].pace += 1
        replays[place].lastStepAt = record.at
        replays[place].lastSent = sent
        replays[place].sent += sent.count
        settle(place)
        return Outcome(affected: sent.count, next: next(place), sent: sent)
    }

    mutating func tookEffect(_ record: LogRecord) -> Outcome {
        guard let id = LetterID(record.text(FailureHeader.letter) ?? ""), let number = index[id],
            let place = replayIndex[record.text(FailureHeader.replay) ?? ""], letters[number].replay == Int32(place)
        else { return Outcome() }
        switch letters[number].status {
        case .replaying: break
        // Sent twice after somebody died: one failed, and one took effect, which counts.
        case .open: replays[place].failed -= 1
        case .replayed, .discarded: return Outcome()
        }
        set(.replayed, of: number, at: record.at)
        note(Act(kind: .replayed, id: replays[place].id, at: record.at), on: number)
        replays[place].succeeded += 1
        settle(place)
        return Outcome(affected: 1, next: next(place))
    }

    /// A replayed letter has failed again.
    mutating func cameBack(_ number: Int, _ letter: Letter, _ offset: Int) -> Outcome {
        let place = Int(letters[number].replay)
        note(Act(kind: .failed, id: replays[place].id, at: letter.at, why: letter.detail), on: number)
        var outcome = fail(number, letter, offset)
        replays[place].failed += 1
        if replays[place].state == .running,
            replays[place].failed - replays[place].failedBefore > replays[place].mostFailures
        {
            replays[place].state = .stopped
            replays[place].note = "\(replays[place].failed) failed again"
        }
        settle(place)
        outcome.next = next(place)
        return outcome
    }

    mutating func control(_ record: LogRecord) -> Outcome {
        guard let place = replayIndex[record.text(FailureHeader.replay) ?? ""] else {
            return .refused(.notFound, "there is no such replay")
        }
        if replays[place].state == .finished { return .refused(.wrongState, "the replay is finished") }
        if record.kind == .pause {
            replays[place].state = .stopped
            replays[place].note = record.text(LogRecord.Field.by).map { "stopped by \($0)" }
        } else if replays[place].state == .stopped {
            replays[place].state = .running
            replays[place].note = nil
            replays[place].pace = 0
            // Whoever resumes it knows of those.
            replays[place].failedBefore = replays[place].failed
        }
        settle(place)
        return Outcome(affected: replays[place].letters.count, next: next(place))
    }

    /// A replay is finished when there is nothing left to send or to hear of.
    private mutating func settle(_ place: Int) {
        let replay = replays[place]
        if replay.state == .running, replay.position == replay.letters.count, replay.outstanding == 0 {
            replays[place].state = .finished
        }
    }

    func next(_ place: Int) -> ReplayStep? {
        replays[place].mayGoOn ? ReplayStep(replay: replays[place].id, number: replays[place].step) : nil
    }
}
