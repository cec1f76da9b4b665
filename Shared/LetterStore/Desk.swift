import AMQP
import Contract
import Logging
import Runtime

/// Answers questions about dead letters, and does what is asked: the operations that the command line and the page are made of.
public struct Desk: Sendable {
    let log: LetterLog
    let reader: StreamReader
    let service: ServiceContext

    /// The most bytes of an answer, which is to be at most 64 KiB with what stands around the letters.
    static let pageSize = 48 << 10

    /// A desk with what the log says.
    public init(log: LetterLog, service: ServiceContext) {
        self.log = log
        self.service = service
        reader = StreamReader(addresses: service.settings.broker, log: log)
    }

    /// Why something is not done.
    struct Refused: Error {
        let reply: CommandReply
        init(_ code: CommandReply.Code, _ detail: String) { reply = .failed(code, detail) }
        init(reply: CommandReply) { self.reply = reply }
        static func missing(_ field: String) -> Refused {
            Refused(reply: .invalid([Problem(field: field, problem: "is missing")]))
        }
    }

    /// What there is to say, and to be published.
    public struct Answer: Sendable {
        /// The answer: a JSON object.
        public let body: [UInt8]
        /// To be published before the question is acknowledged.
        public var messages: [OutgoingMessage] = []

        init(_ value: some Encodable) { body = JSON.encode(value) }
        init(bytes: [UInt8]) { body = bytes }
    }

    /// Answers a message, where it names somebody to answer to.
    /// - Throws: `DependencyAway` while the store can't be read or written.
    public func answer(_ delivery: Delivery) async throws -> Verdict {
        let id = delivery.message.messageID ?? MessageID.random()
        let answer =
            if let operation = LetterOperation(routingKey: delivery.routingKey) {
                try await answer(operation, delivery.body, id: id)
            } else {
                Answer(CommandReply.invalid([Problem(field: "routing key", problem: "is none that is known")]))
            }
        guard let address = delivery.message.replyTo, !address.isEmpty else { return .done(answer.messages) }
        let reply = Reply(
            to: address, correlationID: delivery.message.correlationID, traceparent: delivery.traceparent,
            type: delivery.routingKey + ".answer", body: answer.body)
        return .done(answer.messages, replies: [reply])
    }

    /// Answers a question.
    /// - Parameters:
    ///   - operation: what is asked.
    ///   - body: a ``LetterQuestion``.
    ///   - id: by which the same is known when it is asked again.
    /// - Throws: `DependencyAway` while the store can't be read or written.
    public func answer(_ operation: LetterOperation, _ body: [UInt8], id: String) async throws -> Answer {
        do {
            let question = try LetterQuestion.read(body)
            switch operation {
            case .replay, .edit, .discard, .undo: try await catchUp()
            case .list, .summary, .show, .export, .replays, .pause, .resume: break
            }
            return switch operation {
            case .list: try await list(question)
            case .summary: try await summary(question)
            case .show: try await show(question)
            case .export: try await export(question)
            case .replay: try await replay(question, id)
            case .replays: try replays(question)
            case .pause, .resume: try await control(operation, question, id)
            case .edit: try await edit(question, id)
            case .discard: try await discard(question, id)
            case .undo: try await undo(question, id)
            }
        } catch let error as CommandError {
            return Answer(error.reply)
        } catch let refused as Refused {
            return Answer(refused.reply)
        }
    }

    /// Waits until everything has been read that was appended before, by other replicas, too: whoever was shown letters by
    /// one of them and then has another change them means all of these.
    private func catchUp() async throws { _ = try await log.append(.marker()) }

    /// The letters of a selection that can be found in memory, and after reading them, those that can't.
    func letters(_ selection: LetterSelection) async throws -> [LetterID] {
        try await sure(try log.look { $0.scan(.init(selection, in: $0)) }, selection)
    }

    /// Reads the bodies that a scan could not see.
    func sure(_ scan: Ledger.Scan, _ selection: LetterSelection) async throws -> [LetterID] {
        guard !scan.unsure.isEmpty else { return scan.found }
        let matcher = try log.look { Ledger.Matcher(selection, in: $0) }
        let unsure = scan.unsure.sorted { $0.value < $1.value }
        var others: Set<LetterID> = []
        // Few at a time, since bodies may be large.
        for start in stride(from: 0, to: unsure.count, by: 200) {
            let part = unsure[start..<min(start + 200, unsure.count)]
            let messages = try await reader.messages(at: part.map(\.value))
            for (id, record) in part where messages[record].map({ matcher.occurs(in: $0.body) }) != true {
                others.insert(id)
            }
        }
        return scan.found.filter { !others.contains($0) }
    }

    /// Who asks for a change.
    func signed(_ question: LetterQuestion, _ id: String) throws -> Signed {
        guard let by = question.by else { throw Refused.missing("by") }
        return Signed(id: id, by: by, why: question.why)
    }

    /// Looks at the letter that is asked for.
    func look<T: Sendable>(
        at question: LetterQuestion, _ body: (borrowing Ledger, Int) -> T
    ) throws -> T {
        guard let text = question.id, let id = LetterID(text) else { throw Refused.missing("id") }
        let found = try log.look { ledger in ledger.index[id].map { body(ledger, $0) } }
        guard let found else { throw Refused(.notFound, "there is no dead letter \(text)") }
        return found
    }
}
