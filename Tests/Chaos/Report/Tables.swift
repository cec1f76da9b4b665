import Support
import Terminal

extension Report {
    /// What was counted, with what the words mean.
    static func counts(_ counts: Verdict.Counts) -> Markup {
        let sent = counts.commands.values.reduce(0, +)
        let rows = [
            row(
                "confirmed", counts.confirmed,
                "The broker told the client that it has the command: it must take effect, once."),
            row(
                "unknown", counts.unknown,
                "The client never learned whether the broker has it; it may take effect, once at most."),
            row("recovered", counts.recovered, "Of the unknown ones, those that took effect."),
            row("lost", counts.lost, "Confirmed, but without effect.", mustBeZero: true),
            row(
                "duplicated", counts.duplicated, "With more than one effect: booked, counted or paid twice.",
                mustBeZero: true),
            row(
                "unexpected", counts.unexpected, "Effects that nobody asked for, or other ones than the rules allow.",
                mustBeZero: true),
            row(
                "dead letters", counts.deadLetters,
                "Set aside unprocessed; \(Figures.count(counts.deadLettersExpected)) must be: the unreadable ones."),
            row(
                "bystander", counts.bystanders,
                "Dead letters that should have been handled: good messages that stood beside bad ones.",
                mustBeZero: true),
            row(
                "announced again", counts.announcedAgain,
                "Outcomes published once more after a fault, byte for byte the same, which is allowed."),
            row("kills", counts.kills, "Processes ended with SIGKILL in the middle of their work, servers included."),
        ]
        return """
            <section>
            <h2>Counts</h2>
            <table class="stacked">
            <caption>\(Words.count(sent, "command")), and what became of them</caption>
            <thead><tr><th scope="col">What</th><th scope="col" class="number">Number</th><th scope="col">Meaning</th></tr></thead>
            <tbody>
            \(Markup(rows))
            </tbody>
            </table>
            <div class="pair">
            \(tally("Commands by kind", counts.commands))
            \(tally("Outcomes by status or reason", counts.outcomes))
            </div>
            </section>
            """
    }

    private static func row(_ word: String, _ number: Int, _ meaning: String, mustBeZero: Bool = false) -> Markup {
        let rank: Markup = mustBeZero ? (number == 0 ? " good" : " bad") : ""
        return """
            <tr><th scope="row">\(word)</th><td class="number\(rank)">\(Figures.count(number))</td><td>\(meaning)</td></tr>
            """
    }

    /// Numbers by name, the largest first.
    private static func tally(_ title: String, _ numbers: [String: Int]) -> Markup {
        let rows = numbers.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { name, number -> Markup in
            #"<tr><th scope="row">\#(name)</th><td class="number">\#(Figures.count(number))</td></tr>"#
        }
        if rows.isEmpty { return "" }
        return """
            <table>
            <caption>\(title)</caption>
            <thead><tr><th scope="col">Name</th><th scope="col" class="number">Number</th></tr></thead>
            <tbody>
            \(Markup(rows))
            </tbody>
            </table>
            """
    }

    /// The most findings that the page shows; all of them are in the JSON.
    static let shownFindings = 200

    /// What is wrong.
    static func findings(_ findings: [Verdict.Finding]) -> Markup {
        if findings.isEmpty { return "" }
        let rows = findings.prefix(shownFindings).map { finding -> Markup in
            """
            <tr><th scope="row">\(finding.kind)</th><td class="subject"><code>\(finding.subject)</code></td><td>\(finding.problem)</td></tr>
            """
        }
        let rest = findings.count - rows.count
        let more: Markup = rest > 0 ? "<p>And \(Figures.count(rest)) more, all in <code>report.json</code>.</p>" : ""
        return """
            <section>
            <h2>What is wrong</h2>
            <table class="stacked">
            <caption>\(Words.count(findings.count, "finding"))</caption>
            <thead><tr><th scope="col">Kind</th><th scope="col">Whose</th><th scope="col">Problem</th></tr></thead>
            <tbody>
            \(Markup(rows))
            </tbody>
            </table>
            \(more)
            </section>
            """
    }
}
