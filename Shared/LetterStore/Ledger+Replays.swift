import AMQP
import Contract
import Runtime

extension Ledger {
    /// Letters on their way back to the queues they came from.
    struct Replay: Codable, Sendable {
        let id: String
        let by: String?
        let why: String?
        let at: Timestamp
        let isCanary: Bool
        /// Letters a second at most; 0 for as many as there are.
        let rate: Int
        /// It stops when more have failed since it was begun or resumed.
        let mostFailures: Int
        /// Which; nobody asks any more when it is finished.
        var letters: [LetterID]
        let count: Int
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
        /// When it was begun, resumed, took a step or was heard of last.
        var lastHeardAt: Timestamp
        /// What the last step sent.
        var lastSent: [LetterID] = []

        /// Sent, and not heard of yet.
        var outstanding: Int { sent - succeeded - failed }

        /// Whether there is something to be sent now.
        var mayGoOn: Bool {
            state == .running && position < count && (!isCanary || outstanding == 0)
        }
    }

    /// How many letters the steps of a canary send; the last for all further ones.
    static let canary = [1, 2, 5, 20, 100, 500]

    mutating func order(_ record: LogRecord) -> Outcome {
        if let known = replayIndex[record.id] {
            return Outcome(affected: replays[known].count, next: next(known))
        }
        let ids = LetterID.unpack(record.message.body).filter { index[$0] != nil }
        replays.append(
            Replay(
                id: record.id, by: record.text(LogRecord.Field.by), why: record.text(LogRecord.Field.why),
                at: record.at, isCanary: record.message.headers[LogRecord.Field.isCanary] != .bool(false),
                rate: record.int(LogRecord.Field.rate) ?? 0,
                mostFailures: record.int(LogRecord.Field.mostFailures) ?? 0, letters: ids, count: ids.count,
                lastHeardAt: record.at))
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
        while replays[place].position < replays[place].count, sent.count < count {
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
        replays[place].lastHeardAt = record.at
        replays[place].lastSent = sent
        replays[place].sent += sent.count
        settle(place)
        return Outcome(affected: sent.count, next: next(place), sent: sent)
    }

    mutating func tookEffect(_ record: LogRecord) -> Outcome {
        guard let id = LetterID(record.text(FailureHeader.letter) ?? ""), let number = index[id],
            let place = replayIndex[record.text(FailureHeader.replay) ?? ""], letters[number].replay == Int32(place)
        else { return Outcome() }
        replays[place].lastHeardAt = record.at
        switch letters[number].status {
        case .replaying: break
        // Sent twice after somebody died: one failed, and one took effect, which counts. Or it was given up too early.
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
        let wasLost = letters[number].history.last.map { acts[Int($0)].kind } == .lost
        guard letters[number].status == .replaying || letters[number].status == .open && wasLost else {
            return Outcome()
        }
        note(Act(kind: .failed, id: replays[place].id, at: letter.at, why: letter.detail), on: number)
        var outcome = fail(number, letter, offset)
        replays[place].lastHeardAt = letter.at
        if !wasLost { count(1, "failed again", in: place) }
        outcome.next = next(place)
        return outcome
    }

    /// Nothing is heard any more of letters that were sent: they are open again. Should they be on their way still, it does no harm
    /// when they are sent once more, and what comes of them counts.
    mutating func lose(_ record: LogRecord) -> Outcome {
        guard let place = replayIndex[record.text(FailureHeader.replay) ?? ""],
            record.int(LogRecord.Field.step) == replays[place].step, replays[place].outstanding > 0
        else { return Outcome() }
        let why = record.text(LogRecord.Field.why)
        acts.append(Act(kind: .lost, id: replays[place].id, at: record.at, why: why))
        var lost = 0
        for number in letters.indices
        where letters[number].replay == Int32(place) && letters[number].status == .replaying {
            set(.open, of: number, at: record.at)
            letters[number].history.append(Int32(acts.count - 1))
            lost += 1
        }
        count(lost, "were not heard of: \(why ?? "")", in: place)
        return Outcome(affected: lost, next: next(place))
    }

    /// Counts failures, and stops the replay where they are too many.
    private mutating func count(_ failures: Int, _ what: String, in place: Int) {
        replays[place].failed += failures
        if replays[place].state == .running,
            replays[place].failed - replays[place].failedBefore > replays[place].mostFailures
        {
            replays[place].state = .stopped
            replays[place].note = "\(failures == 1 ? replays[place].failed : failures) \(what)"
        }
        settle(place)
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
            replays[place].lastHeardAt = record.at
            // Whoever resumes it knows of those.
            replays[place].failedBefore = replays[place].failed
        }
        settle(place)
        return Outcome(affected: replays[place].count, next: next(place))
    }

    /// A replay is finished when there is nothing left to send or to hear of.
    private mutating func settle(_ place: Int) {
        let replay = replays[place]
        if replay.state == .running, replay.position == replay.count, replay.outstanding == 0 {
            replays[place].state = .finished
            (replays[place].letters, replays[place].lastSent) = ([], [])
        }
    }

    func next(_ place: Int) -> ReplayStep? {
        replays[place].mayGoOn ? ReplayStep(replay: replays[place].id, number: replays[place].step) : nil
    }
}
