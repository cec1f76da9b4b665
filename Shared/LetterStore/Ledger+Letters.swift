import AMQP
import Contract
import Runtime

extension Ledger {
    /// A letter arrived: a new one, one that came back after a replay, one known already, or one that had been resolved and failed anew.
    mutating func take(_ record: LogRecord, _ offset: Int) -> Outcome {
        let letter = Letter(record.message, exchange: "", routingKey: "")
        guard let id = LetterID(letter.id) else { return Outcome() }
        guard let number = index[id] else { return add(letter, id, offset) }
        let known = letters[number]
        if let replay = letter.replay {
            guard known.replay >= 0, replays[Int(known.replay)].id == replay else { return Outcome() }
            return cameBack(number, letter, offset)
        }
        if known.status.isResolved, !record.isRedelivered, letter.at > known.at {
            note(Act(kind: .returned, id: "", at: letter.at, why: letter.detail), on: number)
            return fail(number, letter, offset)
        }
        // Perhaps whoever stored it died before it could say so.
        let group = groups[Int(known.group)]
        return Outcome(opened: group.openedBy == id && group.unresolved > 0 ? opened(number, letter) : nil)
    }

    private mutating func add(_ letter: Letter, _ id: LetterID, _ offset: Int) -> Outcome {
        letters.append(
            Entry(
                id: id, place: offset, original: offset, message: offset, bodyRecord: offset,
                body: bodies.keep(letter.message.body),
                bodySize: Int32(clamping: letter.message.body.count),
                originalSize: Int32(clamping: letter.message.body.count)))
        let number = letters.count - 1
        index[id] = number
        letters[number].messageID = letter.message.messageID.flatMap { keep($0) }
        letters[number].firstAt = letter.firstFailedAt
        letters[number].exchange = names.number(letter.exchange)
        letters[number].routingKey = names.number(letter.routingKey)
        letters[number].queue = names.number(letter.queue)
        let isFirst = describe(number, letter)
        letters[number].firstError =
            letter.firstError == letter.detail ? letters[number].detail : letter.firstError.flatMap { keep($0) }
        return Outcome(affected: 1, opened: isFirst ? opened(number, letter) : nil, isNew: true)
    }

    /// A letter that is known failed once more: it is open again, with what is known of that failure.
    mutating func fail(_ number: Int, _ letter: Letter, _ offset: Int) -> Outcome {
        groups[Int(letters[number].group)].unresolved -= letters[number].status.isResolved ? 0 : 1
        letters[number].status = .open
        letters[number].resolvedAt = .latest
        letters[number].message = offset
        letters[number].bodyRecord = offset
        letters[number].body = letters[number].body.flatMap { bodies[$0].elementsEqual(letter.message.body) ? $0 : nil }
        if letters[number].body == nil { letters[number].body = bodies.keep(letter.message.body) }
        letters[number].bodySize = Int32(clamping: letter.message.body.count)
        let isFirst = describe(number, letter)
        return Outcome(affected: 1, opened: isFirst ? opened(number, letter) : nil)
    }

    /// Notes why a letter failed, and puts it, unresolved, into its group.
    /// - Returns: whether no other letter of the group is unresolved.
    private mutating func describe(_ number: Int, _ letter: Letter) -> Bool {
        describe(
            number, service: letter.service, reason: letter.reason, detail: letter.detail, at: letter.at,
            letter.attempts)
    }

    mutating func describe(
        _ number: Int, service: String?, reason: String, detail: String, at: Timestamp, _ attempts: Int
    ) -> Bool {
        letters[number].reason = names.number(reason)
        letters[number].service = names.number(service ?? "")
        letters[number].at = at
        letters[number].attempts = Int32(clamping: attempts)
        letters[number].detail = keep(detail)
        let signature = Signature.of(detail)
        let key = StableHash.of([service ?? "", reason, signature].map { Array($0.utf8) })
        let groupID = LetterID(bits: key)
        let group =
            groupIndex[groupID]
            ?? {
                groups.append(
                    Group(
                        id: groupID, service: service, reason: reason, signature: signature,
                        openedBy: letters[number].id))
                groupIndex[groupID] = groups.count - 1
                return groups.count - 1
            }()
        letters[number].group = Int32(group)
        groups[group].unresolved += 1
        guard groups[group].unresolved == 1 else { return false }
        groups[group].openedBy = letters[number].id
        return true
    }

    private func opened(_ number: Int, _ letter: Letter) -> OpenedGroup {
        let group = groups[Int(letters[number].group)]
        return OpenedGroup(
            id: group.id, letter: letters[number].id, queue: letter.queue, service: letter.service,
            reason: letter.reason, signature: group.signature, at: letter.at)
    }

    // MARK: What people do

    mutating func discard(_ record: LogRecord) -> Outcome {
        if let known = actIndex[record.id] { return Outcome(affected: acts[known].affected) }
        let numbers = LetterID.unpack(record.message.body).compactMap { index[$0] }.filter {
            letters[$0].status == .open
        }
        acts.append(
            Act(
                kind: .discarded, id: record.id, at: record.at, by: record.text(LogRecord.Field.by),
                why: record.text(LogRecord.Field.why), affected: numbers.count))
        actIndex[record.id] = acts.count - 1
        for number in numbers {
            set(.discarded, of: number, at: record.at)
            letters[number].history.append(Int32(acts.count - 1))
        }
        return Outcome(affected: numbers.count)
    }

    mutating func edit(_ record: LogRecord, _ offset: Int) -> Outcome {
        if actIndex[record.id] != nil { return Outcome(affected: 1) }
        guard let id = LetterID(record.text(FailureHeader.letter) ?? ""), let number = index[id] else {
            return .refused(.notFound, "there is no such letter")
        }
        guard letters[number].status == .open else {
            return .refused(.wrongState, "only an open letter can be edited; it is \(letters[number].status.rawValue)")
        }
        actIndex[record.id] = acts.count
        note(
            Act(
                kind: .edited, id: record.id, at: record.at, by: record.text(LogRecord.Field.by),
                why: record.text(LogRecord.Field.why), affected: 1, record: offset,
                size: Int32(clamping: record.message.body.count), letter: id), on: number)
        letters[number].bodyRecord = offset
        letters[number].body = bodies.keep(record.message.body)
        letters[number].bodySize = Int32(clamping: record.message.body.count)
        return Outcome(affected: 1)
    }

    mutating func undo(_ record: LogRecord) -> Outcome {
        if let known = actIndex[record.id] { return Outcome(affected: acts[known].affected) }
        guard let action = record.text(LogRecord.Field.action), let target = actIndex[action] else {
            return .refused(.notFound, "there is no such action")
        }
        let act = acts[target]
        guard !act.isUndone, act.kind == .discarded || act.kind == .edited else {
            return .refused(
                .wrongState, act.isUndone ? "it was undone already" : "only a discard or an edit can be undone")
        }
        let numbers: [Int]
        if act.kind == .edited {
            guard let number = act.letter.flatMap({ index[$0] }), letters[number].status == .open else {
                return .refused(.wrongState, "the letter is not open any more")
            }
            numbers = [number]
        } else {
            numbers = letters.indices.filter {
                letters[$0].status == .discarded && letters[$0].history.last == Int32(target)
            }
        }
        acts[target].isUndone = true
        acts.append(
            Act(
                kind: .restored, id: record.id, at: record.at, by: record.text(LogRecord.Field.by),
                why: record.text(LogRecord.Field.why), affected: numbers.count))
        actIndex[record.id] = acts.count - 1
        for number in numbers {
            letters[number].history.append(Int32(acts.count - 1))
            if act.kind == .edited { restoreBody(number) } else { set(.open, of: number, at: record.at) }
        }
        return Outcome(affected: numbers.count)
    }

    /// The body is that of the last edit that was not undone, or the first there was; where it is now is read when it is asked for.
    private mutating func restoreBody(_ number: Int) {
        let edits = letters[number].history.map { acts[Int($0)] }.filter { $0.kind == .edited && !$0.isUndone }
        letters[number].bodyRecord = edits.last?.record ?? letters[number].original
        letters[number].body = nil
        letters[number].bodySize = edits.last?.size ?? letters[number].originalSize
    }
}
