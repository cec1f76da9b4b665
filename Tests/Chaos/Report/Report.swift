import Foundation
import Support

/// What a run leaves behind: its verdict for programs and for people.
enum Report {
    /// Writes `report.json`, the verdict with its keys in order, and `report.html`, a page that needs nothing else.
    /// - Parameter folder: made where it is missing; what stands there under these names is replaced.
    static func write(_ verdict: Verdict, to folder: URL) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try json(verdict).write(to: folder.appending(path: "report.json"), options: .atomic)
        try Data(page(verdict).text.utf8).write(to: folder.appending(path: "report.html"), options: .atomic)
    }

    /// The same bytes for the same verdict.
    static func json(_ verdict: Verdict) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(verdict) + Data("\n".utf8)
    }

    /// The page, the verdict first.
    static func page(_ verdict: Verdict) -> Markup {
        let rank: Markup = verdict.isValid ? "good" : "bad"
        return Page(
            title: verdict.sentence, style: style,
            header: """
                <p class="about">Caramelo chaos run, seed \(String(verdict.setup.seed))</p>
                <h1 class="\(rank)">\(verdict.isValid ? "✔" : "✘") \(verdict.sentence)</h1>
                <p>\(verdict.course)</p>
                """,
            main: """
                \(timeline(verdict.timeline))
                \(findings(verdict.findings))
                \(counts(verdict.counts))
                \(handovers(verdict.handovers))
                \(gaps(verdict.gaps))
                \(setup(verdict.setup))
                """
        ).markup
    }
}
