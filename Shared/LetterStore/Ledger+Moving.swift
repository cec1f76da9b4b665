import AMQP
import Contract
import Runtime

/// How what the ledger says gets into another stream: not as it came about, but as it stands. Reading that makes the same ledger.
extension Ledger {
    /// A letter as it stands. Its message, with the body it has now, and other bodies it has had stand before it as entries of
    /// their own, its parts.
    struct Kept: Codable, Sendable {
        var line: LetterLine
        let place: Int
        let originalSize: Int32
        let resolvedAt: Timestamp
        let replay: Int32
        let history: [Int32]
        /// The letter that opened its group, which may have been left behind.
        let opener: String
        /// The part with the body that it came with.
        var original = 0
        /// By the numbers of edits that can be taken back, the parts with their bodies.
        var edits: [Edit] = []
        struct Edit: Codable, Sendable {
            let act: Int32
            let part: Int
        }
    }

    /// A letter to be copied, and where its parts are.
    struct Copy: Sendable {
        let kept: Kept
        let message: Int
        /// The place of the body of each part.
        let bodies: [Int]
        let size: Int

        /// As entries, from the messages at its places.
        func records(_ messages: [Int: AMQPMessage]) -> [LogRecord] {
            guard var message = messages[message] else { return [] }
            message.body = messages[bodies[0]]?.body ?? []
            let others = bodies.dropFirst().map { AMQPMessage(body: messages[$0]?.body ?? []) }
            return ([message] + others).map(LogRecord.part) + [.state(.kept, kept)]
        }
    }

    /// - Parameter number: the letter's.
    func copy(of number: Int) -> Copy {
        let entry = letters[number]
        var bodies = [entry.bodyRecord]
        func part(_ place: Int) -> Int {
            if let known = bodies.firstIndex(of: place) { return known }
            bodies.append(place)
            return bodies.count - 1
        }
        var kept = Kept(
            line: line(number), place: entry.place, originalSize: entry.originalSize, resolvedAt: entry.resolvedAt,
            replay: entry.replay, history: entry.history,
            opener: groups[Int(entry.group)].openedBy.description)
        kept.original = part(entry.original)
        kept.edits = entry.history.filter { acts[Int($0)].kind == .edited && !acts[Int($0)].isUndone }.map {
            Kept.Edit(act: $0, part: part(acts[Int($0)].record))
        }
        return Copy(
            kept: kept, message: entry.message, bodies: bodies, size: Int(entry.bodySize) + Int(entry.originalSize))
    }

    /// What was done, as entries: they and the replays stand before the letters, which name them by their numbers.
    func copyOfActs(_ range: Range<Int>) -> [LogRecord] { acts[range].map { .state(.keptAct, $0) } }

    func copyOfReplays() -> [LogRecord] { replays.map { .state(.keptReplay, $0) } }

    // MARK: Reading

    /// The entries end here: what stands behind is void, and what is out of date stays behind.
    mutating func seal(_ record: LogRecord, _ place: Int) -> Outcome {
        end = place + 1
        _ = record.text(LogRecord.Field.before).flatMap { Timestamp($0) }.map { forget(resolvedBefore: $0) }
        return Outcome()
    }

    mutating func takeAct(_ record: LogRecord) -> Outcome {
        guard let act = record.state(Act.self) else { return Outcome() }
        acts.append(act)
        if [.discarded, .edited, .restored].contains(act.kind) { actIndex[act.id] = acts.count - 1 }
        return Outcome()
    }

    mutating func takeReplay(_ record: LogRecord) -> Outcome {
        guard let replay = record.state(Replay.self) else { return Outcome() }
        replays.append(replay)
        replayIndex[replay.id] = replays.count - 1
        return Outcome()
    }

    mutating func takePart(_ record: LogRecord, _ place: Int) -> Outcome {
        parts.append((place, record.message.body))
        return Outcome()
    }

    mutating func takeKept(_ record: LogRecord) -> Outcome {
        defer { parts = [] }
        guard let kept = record.state(Kept.self), let id = LetterID(kept.line.id), let current = parts.first else {
            return Outcome()
        }
        let line = kept.line
        letters.append(
            Entry(
                id: id, place: kept.place, original: parts[kept.original].place, message: current.place,
                bodyRecord: current.place, body: bodies.keep(current.body),
                bodySize: Int32(clamping: current.body.count), originalSize: kept.originalSize))
        let number = letters.count - 1
        index[id] = number
        letters[number].messageID = line.messageID.flatMap { keep($0) }
        letters[number].firstAt = line.firstFailedAt
        letters[number].exchange = names.number(line.exchange)
        letters[number].routingKey = names.number(line.routingKey)
        letters[number].queue = names.number(line.queue)
        _ = describe(
            number, service: line.service, reason: line.reason, detail: line.detail, at: line.at, line.attempts)
        groups[Int(letters[number].group)].openedBy = LetterID(kept.opener) ?? id
        letters[number].firstError =
            line.firstError == line.detail ? letters[number].detail : line.firstError.flatMap { keep($0) }
        set(line.status, of: number, at: kept.resolvedAt)
        letters[number].replay = kept.replay
        letters[number].history = kept.history
        for edit in kept.edits { acts[Int(edit.act)].record = parts[edit.part].place }
        return Outcome()
    }
}
