import ArgumentParser
import Client
import Contract
import Terminal

/// `dead-letter summary`
struct Summary: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows the letters by service, reason and kind of error.",
        discussion: """
            Errors that differ only in numbers and ids are of one kind. The bars are the last 24 hours.

            Example:
              dead-letter summary --since 1d
            """)

    @OptionGroup var filter: SelectionOptions
    @Flag(help: "Print the answer as it is, a JSON object.")
    var json = false
    @OptionGroup var desk: DeskOptions

    func run() async throws {
        try await desk.connected { asker throws(ClientError) in
            var question = LetterQuestion()
            question.selection = filter.selection()
            guard let summary = try await asker.ask(.summary, question, as: LetterSummary.self) else {
                return ExitCode(1)
            }
            if json {
                Output.standard.write(JSON.encode(summary) + [UInt8(ascii: "\n")])
            } else {
                summary.write(to: .standard)
            }
            return .success
        }
    }
}

extension LetterSummary {
    fileprivate func write(to output: Output) {
        guard !groups.isEmpty else { return output.line("No dead letters.") }
        var table = Table([
            .text("GROUP"), .number("LETTERS"), .number("OPEN"), .text("LAST 24 H"), .text("SERVICE"), .text("REASON"),
            .text("ERROR"), .text("FIRST (UTC)"), .text("LAST (UTC)"),
        ])
        for group in groups {
            table.add([
                .init(group.id, .bold), .init(Figures.count(group.letters)),
                .init(Figures.count(group.unresolved), group.unresolved > 0 ? .red : nil),
                .init(Self.sparkline(group.trend), .cyan), .init((group.service ?? "-").cut(to: 20)),
                .init(group.reason.cut(to: 24), .red), .init(group.signature.cut(to: 60)),
                .init(group.first.short), .init(group.last.short),
            ])
        }
        table.write(to: output)
        if more > 0 { output.line("… and \(Figures.count(more)) more groups") }
        let counts = LetterStatus.allCases.map { "\(Figures.count(letters[$0.rawValue] ?? 0)) \($0.rawValue)" }
        output.line("All letters: " + counts.joined(separator: ", "))
    }

    private static func sparkline(_ counts: [Int]) -> String {
        let most = counts.max() ?? 0
        let bars = Array("▁▂▃▄▅▆▇█")
        return String(counts.map { $0 == 0 ? "·" : bars[min(7, $0 * 8 / (most + 1))] })
    }
}

extension Timestamp {
    /// Month, day and time.
    var short: String { String(description.dropFirst(5).prefix(14)).replacing("T", with: " ") }
}
