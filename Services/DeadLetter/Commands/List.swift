import ArgumentParser
import Client
import Contract
import Terminal

/// `dead-letter list`
struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows the letters that were kept, the latest first.",
        discussion: """
            Without --status, those that are not resolved.

            Examples:
              dead-letter list --reason retries_exhausted --since 2h
              dead-letter list --json | jq -r 'select(.reason == "too_large") | .id'

            Exit status: 0 also where there is none, 2 the service does not run or answer, 69 the broker can't be reached, 78 \
            wrong AMQP_URL.
            """)

    @Argument(help: ArgumentHelp("Only these letters.", valueName: "id"))
    var ids: [String] = []
    @OptionGroup var filter: SelectionOptions
    @Option(help: ArgumentHelp("The most letters; 0 for all. By default 100, with --json all.", valueName: "letters"))
    var limit: Int?
    @Flag(help: "Print a JSON object a line for each letter, with its body.")
    var json = false
    @OptionGroup var desk: DeskOptions

    func validate() throws {
        if let limit, limit < 0 { throw ValidationError("--limit must not be negative.") }
    }

    func run() async throws {
        try await desk.connected { asker throws(ClientError) in
            var question = LetterQuestion()
            question.selection = filter.selection(ids)
            question.bodies = json
            var rows = LetterRows()
            var last: LetterPage?
            var total: Int?
            let most = limit ?? (json ? 0 : 100)
            let isDone = try await asker.pages(question, most: most == 0 ? .max : most) { page throws(ClientError) in
                if json {
                    try await printJSON(page.letters, asker)
                } else {
                    rows.write(page.letters)
                }
                last = page
                total = page.total ?? total
            }
            guard isDone else { return ExitCode(1) }
            if !json { rows.finish(isAll: last?.next == nil, total: total) }
            return .success
        }
    }

    private func printJSON(_ letters: [LetterLine], _ asker: Asker) async throws(ClientError) {
        var lines: [UInt8] = []
        for var letter in letters {
            if letter.bytes == nil { letter.setBody(try await asker.body(of: letter.id) ?? []) }
            lines += JSON.encode(letter) + [UInt8(ascii: "\n")]
        }
        Output.standard.write(lines)
    }
}

extension Asker {
    /// Asks for one page after the other, until there are so many letters.
    /// - Returns: whether all were answered.
    func pages(
        _ question: LetterQuestion, most: Int, _ take: (LetterPage) async throws(ClientError) -> Void
    ) async throws(ClientError) -> Bool {
        var question = question
        var rest = most
        while true {
            question.limit = min(rest, 1_000)
            guard let page = try await ask(.list, question, as: LetterPage.self) else { return false }
            try await take(page)
            rest -= page.letters.count
            guard let next = page.next, rest > 0 else { return true }
            question.after = next
        }
    }

    /// The JSON lines of letters, piece by piece.
    /// - Returns: whether all were answered.
    func export(
        _ selection: LetterSelection, _ take: (String) -> Void
    ) async throws(ClientError) -> Bool {
        var question = LetterQuestion()
        question.selection = selection
        while true {
            guard let piece = try await ask(.export, question, as: LetterExport.self) else { return false }
            take(piece.lines)
            guard let next = piece.next else { return true }
            (question.after, question.skip) = (next, piece.skip)
        }
    }

    /// A body that is too large for an answer.
    func body(of id: String) async throws(ClientError) -> [UInt8]? {
        var selection = LetterSelection()
        selection.ids = [id]
        var text = ""
        guard try await export(selection, { text += $0 }) else { return nil }
        return ImportedLetter.body(of: Array(text.utf8))
    }
}
