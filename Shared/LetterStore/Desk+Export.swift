import AMQP
import Contract
import Runtime

extension Desk {
    /// The most bytes of JSON lines in an answer; as a JSON string they may take twice as many.
    private static let pieceSize = 24 << 10

    func export(_ question: LetterQuestion) async throws -> Answer {
        let start = question.after ?? 0
        let scan = try log.look { $0.scan(.init(question.selection, in: $0), from: start, limit: 40) }
        let ids = try await sure(scan, question.selection)
        let entries = try log.look { ledger in
            ledger.numbers(of: ids).map { (ledger.letters[$0], ledger.line($0)) }
        }
        var text: [UInt8] = []
        for (entry, line) in entries {
            let messages = try await reader.messages(at: [entry.message, entry.bodyRecord])
            guard var message = messages[entry.message], let body = messages[entry.bodyRecord]?.body else { continue }
            message.body = body
            let whole = JSON.encode(ExportedLetter(line, message)) + [UInt8(ascii: "\n")]
            let skipped = entry.place == question.after ? min(question.skip ?? 0, whole.count) : 0
            let room = Self.pieceSize - text.count
            guard whole.count - skipped > room else {
                text += whole[skipped...]
                continue
            }
            // Between two characters.
            var end = skipped + room
            while end > skipped, whole[end] & 0xc0 == 0x80 { end -= 1 }
            text += whole[skipped..<end]
            return Answer(LetterExport(lines: String(decoding: text, as: UTF8.self), next: entry.place, skip: end))
        }
        return Answer(LetterExport(lines: String(decoding: text, as: UTF8.self), next: scan.next, skip: nil))
    }
}

/// A letter whole, as export writes it and import reads it.
private struct ExportedLetter: Encodable {
    private let line: LetterLine
    private let message: AMQPMessage

    init(_ line: LetterLine, _ message: AMQPMessage) {
        var line = line
        line.setBody(message.body)
        line.size = message.body.count
        self.line = line
        self.message = message
    }

    private enum CodingKeys: String, CodingKey { case properties, headers }

    func encode(to encoder: any Encoder) throws {
        try line.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(message.properties, forKey: .properties)
        let headers = message.headers.filter {
            !$0.key.hasPrefix("x-stream") && !$0.key.hasPrefix("caramelo-record")
        }
        try container.encode(headers.mapValues(HeaderJSON.init), forKey: .headers)
    }
}
