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
        ReadableBody(letter.bytes ?? [], problems: problems).write(to: output)
        if let original {
            output.line()
            output.line(output.styled("Body as it first came", .bold))
            ReadableBody(Array(original.utf8), problems: []).write(to: output)
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

extension ReadableBody {
    fileprivate func write(to output: Output) {
        for line in lines {
            let mark = line.problem.map { "   ✘ \($0)" } ?? ""
            output.line("  " + line.text.printable + output.styled(mark.printable, .red))
        }
        if isCut { output.line(output.styled("  … export has the rest", .dim)) }
        for problem in rest {
            output.line(output.styled("  ✘ \(problem.field) \(problem.problem)".printable, .red))
        }
    }
}
