import AMQP
import Contract
import Runtime

extension Desk {
    func list(_ question: LetterQuestion) async throws -> Answer {
        let limit = question.limit ?? 100
        var lines: [[UInt8]] = []
        var size = 0
        var next = question.after
        filling: repeat {
            // About as many as fit, since what does not is encoded in vain.
            let wanted = min(limit - lines.count, 64)
            let scan = try log.look { [next] in $0.scan(.init(question.selection, in: $0), back: next, limit: wanted) }
            let ids = try await sure(scan, question.selection)
            let found = try await self.lines(ids, withBodies: question.bodies == true)
            next = scan.next
            for (place, line) in found {
                size += line.count + 1
                if size > Self.pageSize, !lines.isEmpty {
                    next = place
                    break filling
                }
                lines.append(line)
            }
        } while next != nil && lines.count < limit
        let isCounted = question.after == nil && question.selection.contains == nil
        let total: Int? = try isCounted ? log.look { $0.count(question.selection) } : nil
        return Answer(bytes: Self.page(lines, next, total))
    }

    /// `{"letters": […], "next": …, "total": …}` of letters that are encoded already.
    private static func page(_ lines: [[UInt8]], _ next: Int?, _ total: Int?) -> [UInt8] {
        var page = Array(#"{"letters":["#.utf8)
        page.reserveCapacity(lines.reduce(100) { $0 + $1.count + 1 })
        for (index, line) in lines.enumerated() {
            if index > 0 { page.append(UInt8(ascii: ",")) }
            page += line
        }
        page.append(UInt8(ascii: "]"))
        if let next { page += Array(",\"next\":\(next)".utf8) }
        if let total { page += Array(",\"total\":\(total)".utf8) }
        page.append(UInt8(ascii: "}"))
        return page
    }

    /// Letters as JSON with their places in the log, and with their bodies as far as these are not too large for a page.
    private func lines(_ ids: [LetterID], withBodies: Bool) async throws -> [(place: Int, line: [UInt8])] {
        guard withBodies else {
            return try log.look { ledger in
                ledger.numbers(of: ids).map { (ledger.letters[$0].place, JSON.encode(ledger.line($0))) }
            }
        }
        let (known, missing) = try log.look { ledger in
            var missing: [Int] = []
            let known = ledger.numbers(of: ids).map { number in
                var line = ledger.line(number)
                if let place = ledger.letters[number].body {
                    line.setBody(ledger.bodies[place])
                } else if line.size <= Self.largestBody {
                    missing.append(ledger.letters[number].bodyRecord)
                }
                return (ledger.letters[number].place, line, ledger.letters[number].bodyRecord)
            }
            return (known, missing)
        }
        let messages = try await reader.messages(at: missing)
        return known.map { place, line, record in
            var line = line
            if let message = messages[record] { line.setBody(message.body) }
            let bytes = JSON.encode(line)
            guard bytes.count > Self.pageSize else { return (place, bytes) }
            (line.body, line.bodyBase64) = (nil, nil)
            return (place, JSON.encode(line))
        }
    }

    /// Bodies up to this size are part of an answer; larger ones are exported.
    static let largestBody = 24 << 10

    func summary(_ question: LetterQuestion) async throws -> Answer {
        let ids = try await letters(question.selection)
        return Answer(try log.look { $0.summary(of: ids, now: .now) })
    }

    func show(_ question: LetterQuestion) async throws -> Answer {
        let (line, history, entry) = try look(at: question) { ledger, number in
            (ledger.line(number), ledger.history(number), ledger.letters[number])
        }
        let isEdited = entry.bodyRecord != entry.original
        let messages = try await reader.messages(at: [entry.message, entry.bodyRecord, entry.original])
        guard let message = messages[entry.message], let body = messages[entry.bodyRecord]?.body else {
            throw Refused(.notFound, "the store has lost it")
        }
        var letter = line
        if body.count <= Self.largestBody { letter.setBody(body) }
        var original: String?
        if isEdited, Int(entry.originalSize) <= Self.largestBody / 2, let first = messages[entry.original]?.body,
            first != body
        {
            original = String(validating: first, as: UTF8.self)
        }
        let detail = LetterDetail(
            letter: letter, headers: Self.headers(of: message),
            problems: BodyCheck.problems(of: body, routingKey: line.routingKey), history: history, original: original)
        return Answer(detail.fitting(Contract.maximumBodySize))
    }

    /// Headers and properties as text, those of the store itself left out.
    private static func headers(of message: AMQPMessage) -> [String: String] {
        var texts: [String: String] = [:]
        for (name, value) in message.headers where !name.hasPrefix("x-stream") && !name.hasPrefix("caramelo-record") {
            texts[String(name.prefix(100))] = String(value.readable.prefix(500))
        }
        for (name, value) in message.properties { texts[name] = value }
        return texts
    }
}

extension Ledger {
    /// How many letters match, those left aside of which the body would have to be read.
    func count(_ selection: LetterSelection) -> Int {
        let matcher = Matcher(selection, in: self)
        guard !matcher.isHopeless else { return 0 }
        var count = 0
        for number in letters.indices where matcher.judge(letters[number], in: self) == .yes { count += 1 }
        return count
    }
}

extension LetterDetail {
    /// The same without what is too much for a message: first the original, then the body, then the headers.
    fileprivate func fitting(_ limit: Int) -> LetterDetail {
        var detail = self
        if JSON.encode(detail).count > limit { detail.original = nil }
        if JSON.encode(detail).count > limit { (detail.letter.body, detail.letter.bodyBase64) = (nil, nil) }
        if JSON.encode(detail).count > limit { detail.headers = ["…": "too many to be shown; export has them"] }
        if JSON.encode(detail).count > limit { detail.history = Array(detail.history.suffix(10)) }
        return detail
    }
}

extension AMQPValue {
    /// For people.
    var readable: String {
        switch self {
        case .bool(let value): "\(value)"
        case .int(let value): "\(value)"
        case .double(let value): "\(value)"
        case .text(let value): value
        case .bytes(let value): "\(value.count) bytes: " + Base64.encode(Array(value.prefix(300)))
        case .timestamp(let seconds): Timestamp(milliseconds: Int64(clamping: seconds) * 1000).description
        case .decimal(let scale, let value): "\(value)e-\(scale)"
        case .table(let table):
            "{" + table.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.readable)" }.joined(separator: ", ")
                + "}"
        case .array(let values): "[" + values.map(\.readable).joined(separator: ", ") + "]"
        case .void: "nothing"
        }
    }
}

extension AMQPMessage {
    /// The properties that are set, by their names in AMQP.
    var properties: [String: String] {
        let all: [(String, String?)] = [
            ("content_type", contentType), ("content_encoding", contentEncoding), ("correlation_id", correlationID),
            ("reply_to", replyTo), ("message_id", messageID), ("type", type), ("app_id", appID),
            ("timestamp", timestamp.map { "\($0)" }), ("priority", priority.map { "\($0)" }),
        ]
        return Dictionary(all.compactMap { name, value in value.map { (name, $0) } }) { $1 }
    }
}
