import AMQP
import Contract
import Runtime

extension Desk {
    /// Appends an entry, and says why it has no effect where it has none.
    private func append(_ record: LogRecord) async throws -> Ledger.Outcome {
        let outcome = try await log.append(record)
        if let refusal = outcome.refusal { throw Refused(reply: refusal) }
        return outcome
    }

    func discard(_ question: LetterQuestion, _ id: String) async throws -> Answer {
        let signed = try signed(question, id)
        guard question.why != nil else { throw Refused.missing("why") }
        guard question.selection.isNarrow else { throw Self.tooWide }
        let ids = try await letters(question.selection)
        if ids.isEmpty { throw Refused(.notFound, "there is no such letter") }
        let outcome = try await append(.act(.discard, signed, body: LetterID.pack(ids)))
        if outcome.affected == 0 { throw Refused(.wrongState, "none of them is open") }
        return Answer(LetterAction(action: id, letters: outcome.affected))
    }

    static let tooWide = Refused(
        reply: .invalid([Problem(field: "body", problem: "must say which letters; status open means all")]))

    func edit(_ question: LetterQuestion, _ id: String) async throws -> Answer {
        let signed = try signed(question, id)
        guard let body = question.body.map({ Array($0.utf8) }) ?? question.bodyBase64.flatMap(Base64.decode) else {
            throw Refused.missing("body")
        }
        let (letter, key) = try look(at: question) { ($0.letters[$1].id, $0.names[$0.letters[$1].routingKey]) }
        let problems = BodyCheck.problems(of: body, routingKey: key)
        if question.anyway != true, !problems.isEmpty { throw Refused(reply: .invalid(problems)) }
        let headers: AMQPTable = [FailureHeader.letter: .text(letter.description)]
        let outcome = try await append(.act(.edit, signed, headers, body: body))
        return Answer(LetterAction(action: id, letters: outcome.affected))
    }

    func undo(_ question: LetterQuestion, _ id: String) async throws -> Answer {
        let signed = try signed(question, id)
        var action = question.action
        if action == nil {
            action = try look(at: question) { ledger, number in
                ledger.letters[number].history.map { ledger.acts[Int($0)] }.last {
                    !$0.isUndone && ($0.kind == .discarded || $0.kind == .edited)
                }?.id
            }
        }
        guard let action else { throw Refused(.wrongState, "nothing was done with it that can be undone") }
        let outcome = try await append(.act(.undo, signed, [LogRecord.Field.action: .text(action)]))
        return Answer(LetterAction(action: id, letters: outcome.affected))
    }

    func replay(_ question: LetterQuestion, _ id: String) async throws -> Answer {
        guard question.selection.isNarrow else { throw Self.tooWide }
        let selected = try await letters(question.selection)
        let (ids, plan) = try log.look { ledger in ledger.plan(ledger.numbers(of: selected)) }
        if question.dryRun == true { return Answer(plan) }
        let signed = try signed(question, id)
        if ids.isEmpty {
            throw Refused(
                plan.refused.isEmpty ? .notFound : .wrongState,
                plan.refused.isEmpty
                    ? "there is no open letter of that kind" : "their queues are none that letters can be sent back to")
        }
        let outcome = try await append(
            .act(
                .replay, signed,
                [
                    LogRecord.Field.isCanary: .bool(question.pace != .all),
                    LogRecord.Field.rate: .int(Int64(question.rate ?? 0)),
                    LogRecord.Field.mostFailures: .int(Int64(question.mostFailures ?? 0)),
                ], body: LetterID.pack(ids)))
        return try report(id, outcome)
    }

    func control(_ operation: LetterOperation, _ question: LetterQuestion, _ id: String) async throws -> Answer {
        let signed = try signed(question, id)
        guard let replay = question.replay else { throw Refused.missing("replay") }
        let kind: LogRecord.Kind = operation == .pause ? .pause : .resume
        let outcome = try await append(.act(kind, signed, [FailureHeader.replay: .text(replay)]))
        return try report(replay, outcome)
    }

    func replays(_ question: LetterQuestion) throws -> Answer {
        Answer(
            try log.look { ledger in
                let places = question.replay.map { ledger.replayIndex[$0].map { [$0] } ?? [] }
                return ReplayList(replays: (places ?? ledger.replays.indices.suffix(50).reversed()).map(ledger.report))
            })
    }

    private func report(_ id: String, _ outcome: Ledger.Outcome) throws -> Answer {
        let report = try log.look { ledger in ledger.replayIndex[id].map(ledger.report) }
        guard let report else { throw Refused(.notFound, "there is no such replay") }
        var answer = Answer(report)
        answer.messages = outcome.next.map { [$0.message] } ?? []
        return answer
    }
}

extension Ledger {
    /// The open letters among some that can be sent back, and how many go where.
    func plan(_ numbers: [Int]) -> (ids: [LetterID], plan: ReplayPlan) {
        var (ids, sent, refused) = ([LetterID](), [String: Int](), [String: Int]())
        for number in numbers where letters[number].status == .open {
            let queue = names[letters[number].queue]
            if Topology.isGuarded(queue) {
                ids.append(letters[number].id)
                sent[queue, default: 0] += 1
            } else {
                refused[queue, default: 0] += 1
            }
        }
        func shares(_ counts: [String: Int]) -> [ReplayPlan.Share] {
            counts.sorted { $0.key < $1.key }.prefix(50).map { .init(queue: $0.key, letters: $0.value) }
        }
        return (ids, ReplayPlan(letters: ids.count, queues: shares(sent), refused: shares(refused)))
    }
}

extension Ledger.ReplayStep {
    private static let numberHeader = "step"

    /// What makes a replica take the step. There may be several of it, and it may come late: a step is taken once.
    public var message: OutgoingMessage {
        var message = AMQPMessage()
        message.messageID = "\(replay).\(number)"
        message.type = "dead-letter.step"
        message.headers = [FailureHeader.replay: .text(replay), Self.numberHeader: .int(Int64(number))]
        return OutgoingMessage(to: "", routingKey: QueueName.letterReplays, message: message)
    }

    /// The step of a message; `nil` where it is none.
    init?(_ message: AMQPMessage) {
        guard let replay = message.headers[FailureHeader.replay]?.text,
            let number = message.headers[Self.numberHeader]?.int
        else { return nil }
        self.init(replay: replay, number: number)
    }
}
