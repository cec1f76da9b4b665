import ArgumentParser
import Client
import Contract
import Terminal

/// `dead-letter discard`
struct Discard: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Marks letters as of no use; they can be brought back with undo.",
        discussion: """
            Examples:
              dead-letter discard 9abe5317cd6b4fa1 --why "a test of ours"
              dead-letter discard --group 5c1e0f7a9b3d2e44 --why "the supplier sends them anew"
            """)

    @Argument(help: ArgumentHelp("Only these letters.", valueName: "id"))
    var ids: [String] = []
    @OptionGroup var filter: SelectionOptions
    @OptionGroup var signature: Signature
    @Flag(name: [.long, .customShort("y")], help: "Don't ask.")
    var yes = false
    @OptionGroup var desk: DeskOptions

    func validate() throws {
        if signature.why == nil { throw ValidationError("--why is needed: it is put on record.") }
        if !filter.selection(ids).isNarrow {
            throw ValidationError("Say which letters; --status open means every open one.")
        }
    }

    func run() async throws {
        try await desk.connected { asker throws(ClientError) in
            var question = LetterQuestion()
            question.selection = filter.selection(ids)
            if ids.isEmpty {
                if question.selection.status == nil { question.selection.status = .open }
                var count = question
                count.limit = 1
                guard let page = try await asker.ask(.list, count, as: LetterPage.self) else { return ExitCode(1) }
                let number = page.total.map { Figures.count($0) } ?? "all such"
                guard isConfirmed("Discard \(number) letters?", unless: yes) else { return ExitCode(1) }
            }
            return try await asker.act(.discard, signature.sign(question), "discarded")
        }
    }
}

/// `dead-letter undo`
struct Undo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Takes a discard or an edit back.",
        discussion: """
            With the id of an action, as discard and edit print it, everything that it did; with --letter the last discard or edit of that letter.
            """)

    @Argument(help: "The action.")
    var action: String?
    @Option(help: ArgumentHelp("The letter.", valueName: "id"))
    var letter: String?
    @OptionGroup var signature: Signature
    @OptionGroup var desk: DeskOptions

    func validate() throws {
        if (action == nil) == (letter == nil) { throw ValidationError("Name an action, or a letter with --letter.") }
    }

    func run() async throws {
        try await desk.connected { asker throws(ClientError) in
            var question = LetterQuestion()
            // A letter's id is easily taken for an action's.
            let isLetter = action.map { $0.utf8.count == 16 && UInt64($0, radix: 16) != nil } ?? true
            question.action = isLetter ? nil : action
            question.id = isLetter ? letter ?? action : nil
            return try await asker.act(.undo, signature.sign(question), "brought back")
        }
    }
}

extension Asker {
    /// Does something, and says how many letters it concerned and how it is undone.
    func act(
        _ operation: LetterOperation, _ question: LetterQuestion, _ done: String
    ) async throws(ClientError) -> ExitCode {
        guard let action = try await ask(operation, question, as: LetterAction.self) else { return ExitCode(1) }
        let output = Output.standard
        let count = "\(Figures.count(action.letters)) letter\(action.letters == 1 ? "" : "s")"
        output.line(output.styled("✔ ", .green) + "\(count) \(done)")
        if operation != .undo { output.line("  to undo: dead-letter undo \(action.action)") }
        return .success
    }
}
