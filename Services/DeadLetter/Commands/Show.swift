import ArgumentParser
import Client
import Contract
import Terminal

/// `dead-letter show`
struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows a letter: why it failed, its headers, its body and what was done with it.")

    @Argument(help: "The letter.")
    var id: String
    @Flag(help: "Print the answer as it is, a JSON object.")
    var json = false
    @OptionGroup var desk: DeskOptions

    func run() async throws {
        try await desk.connected { asker throws(ClientError) in
            guard var detail = try await asker.detail(of: id) else { return ExitCode(1) }
            if json {
                Output.standard.write(JSON.encode(detail) + [UInt8(ascii: "\n")])
            } else {
                detail.headers = detail.headers.filter { !$0.key.hasPrefix("caramelo-") || $0.key == "caramelo-cc" }
                detail.write(to: .standard)
            }
            return .success
        }
    }
}

extension Asker {
    /// Everything about a letter, its body included however large it is.
    func detail(of id: String) async throws(ClientError) -> LetterDetail? {
        var question = LetterQuestion()
        question.id = id
        guard var detail = try await ask(.show, question, as: LetterDetail.self) else { return nil }
        if detail.letter.bytes == nil, let body = try await body(of: id) { detail.letter.setBody(body) }
        return detail
    }
}

extension LetterDetail {
    fileprivate func write(to output: Output) {
        writeFacts(to: output)
        output.line()
        output.line(output.styled("Body", .bold) + ", \(Figures.count(letter.size)) bytes")
        BodyView(body: letter.bytes ?? [], problems: problems).write(to: output)
        if let original {
            output.line()
            output.line(output.styled("Body as it first came", .bold))
            BodyView(body: Array(original.utf8), problems: []).write(to: output)
        }
        output.line()
        output.line(output.styled("Headers and properties", .bold))
        for (name, value) in headers.sorted(by: { $0.key < $1.key }) {
            output.line("  \(output.styled(name.printable, .dim)) \(value.printable)")
        }
        guard !history.isEmpty else { return }
        output.line()
        output.line(output.styled("What was done", .bold))
        for event in history {
            var line = "  \(event.at.description.prefix(19).replacing("T", with: " "))  \(event.what)"
            if let by = event.by { line += " by \(by.printable)" }
            if let why = event.why { line += ": \(why.printable)" }
            if let action = event.action { line += output.styled("  (\(action.printable))", .dim) }
            output.line(line + (event.undone == true ? " – undone" : ""))
        }
    }

    private func writeFacts(to output: Output) {
        let facts: [(String, String)] = [
            ("letter", letter.id), ("status", letter.status.rawValue), ("queue", letter.queue),
            ("service", letter.service ?? "-"), ("reason", letter.reason), ("error", letter.detail),
            ("first error", letter.firstError ?? "-"), ("attempts", "\(letter.attempts)"),
            ("first failed", letter.firstFailedAt.description), ("given up", letter.at.description),
            ("published to", "\(letter.exchange.isEmpty ? "(default)" : letter.exchange) as \(letter.routingKey)"),
            ("message id", letter.messageID ?? "-"), ("group", letter.group),
        ]
        for (name, value) in facts {
            let style: Style? = name == "letter" ? .bold : name == "error" || name == "reason" ? .red : nil
            output.line(output.styled(name.padded(to: 13), .dim) + output.styled(value.printable, style))
        }
    }
}

/// A body as people can read it: JSON with what is wrong beside its fields, text as it is, anything else in hexadecimal.
struct BodyView {
    let body: [UInt8]
    let problems: [Problem]

    private static let mostLines = 500

    func write(to output: Output) {
        var rest = problems
        if let json = JSON.readable(body) {
            for line in json.split(separator: "\n").prefix(Self.mostLines) {
                // Members of the outermost object are indented once.
                let field = rest.first { line.hasPrefix("  \"\($0.field)\":") }
                let mark = field.map { "   ✘ \($0.problem)" } ?? ""
                output.line("  " + String(line).printable + output.styled(mark.printable, .red))
                rest.removeAll { $0.field == field?.field }
            }
        } else if let text = String(validating: body, as: UTF8.self) {
            for line in text.split(separator: "\n", omittingEmptySubsequences: false).prefix(Self.mostLines) {
                output.line("  " + String(line).printable)
            }
        } else {
            for start in stride(from: 0, to: min(body.count, 16 * Self.mostLines), by: 16) {
                output.line(Self.hexadecimal(body[start..<min(start + 16, body.count)]))
            }
        }
        for problem in rest {
            output.line(output.styled("  ✘ \(problem.field) \(problem.problem)".printable, .red))
        }
    }

    private static func hexadecimal(_ bytes: ArraySlice<UInt8>) -> String {
        func digits(_ value: Int, _ width: Int) -> String {
            let text = String(value, radix: 16)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        let hex = bytes.map { digits(Int($0), 2) }.joined(separator: " ")
        let text = bytes.map { (0x20...0x7e).contains($0) ? Character(UnicodeScalar($0)) : "." }
        return "  \(digits(bytes.startIndex, 6))  \(hex.padded(to: 47))  \(String(text))"
    }
}
