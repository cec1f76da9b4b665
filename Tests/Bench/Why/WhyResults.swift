import Support
import Terminal

/// What callers noticed of every scene, as `why.json` has it.
struct WhyResults: Codable, Sendable {
    let setup: Results.Setup
    /// Requests a second.
    let rate: Int
    /// How long each scene's load went on.
    let seconds: Int
    var scenes: [SceneResult]

    /// Whether no request is without an outcome.
    var isComplete: Bool { scenes.allSatisfy { $0.sent == $0.outcomes } }

    private static let headings = [
        "Meanwhile", "Confirm p50", "p99", "max", "Outcome p50", "p99", "max", "Given up after 2 s", "after 30 s",
        "Caught up after", "Lost",
    ]

    private var rows: [[String]] {
        scenes.map { scene in
            let (confirm, outcome) = (scene.troubled.confirm, scene.troubled.outcome)
            return [scene.scene.rawValue]
                + [confirm.p50, confirm.p99, confirm.max, outcome.p50, outcome.p99, outcome.max].map(\.milliseconds)
                + [scene.troubled.givenUpAfter2, scene.troubled.givenUpAfter30].map { "\(($0 * 100).decimals(0)) %" }
                + ["\(scene.secondsToCatchUp.decimals(1)) s", "\(scene.sent - scene.outcomes)"]
        }
    }

    /// Writes it as a table for people.
    func write(to output: Output) {
        output.line()
        output.line(output.styled("Requests that were due while something was wrong", .bold))
        var table = Table(
            [.text(Self.headings[0].uppercased())] + Self.headings.dropFirst().map { .number($0.uppercased()) })
        for row in rows { table.add(row.map { .init($0) }) }
        table.write(to: output, indent: 2)
        output.line()
        output.line(output.styled(sentence, isComplete ? .green : .red))
    }

    private var sentence: String {
        let longest = scenes.map(\.troubled.confirm.max).max() ?? 0
        let held = "whatever stood still behind the broker, no caller was held up for more than \(longest.milliseconds)"
        return isComplete ? held + ", and every request has its outcome" : "some requests have no outcome"
    }

    /// The page for people.
    var page: Page {
        Page(
            title: "What callers notice", style: LogPlot.style,
            header: """
                <p class="about">Caramelo, \(setup.description)</p>
                <h1>\(sentence.prefix(1).uppercased() + sentence.dropFirst())</h1>
                <p>\(Figures.count(rate)) requests a second for \(seconds) s in each scene; something is wrong in the middle half.</p>
                """,
            main: Markup(
                [
                    Markup.table(
                        "Requests that were due while something was wrong",
                        "A caller waits for the confirm; one for whom the work were done meanwhile would wait for the outcome",
                        Self.headings, rows)
                ] + scenes.map(drawn)))
    }

    private func drawn(_ scene: SceneResult) -> Markup {
        let length = Double(seconds)
        func points(_ wait: (SceneResult.Moment) -> Double) -> [(x: Double, milliseconds: Double)] {
            scene.moments.map { (min(1, $0.second / length), max(wait($0), 0.1)) }
        }
        let (confirm, outcome) = (scene.troubled.confirm, scene.troubled.outcome)
        let plot = LogPlot(
            title: "Waits while \(scene.scene.rawValue)",
            description: "Confirmed within \(confirm.max.milliseconds), outcomes within \(outcome.max.milliseconds).",
            marks: (0...4).map { (Double($0) / 4, "\((Double($0) * length / 4).decimals(0)) s") },
            lines: [
                .init(name: "until the broker confirmed: a caller's wait", colour: "first", points: points(\.confirm)),
                .init(name: "until the outcome arrived", colour: "second", points: points(\.outcome)),
            ],
            shade: scene.scene == .allWell
                ? nil : min(1, scene.troubleFrom / length)...min(1, max(scene.troubleFrom, scene.troubleTo) / length))
        return """
            <section>
            <h2>\(scene.scene.rawValue.prefix(1).uppercased() + scene.scene.rawValue.dropFirst())</h2>
            <p>The longest waits of the requests that were due in each quarter of a second.</p>
            \(plot.markup)
            </section>
            """
    }
}
