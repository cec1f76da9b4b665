import Terminal

extension Verdict {
    /// Shows it on the terminal: what was sent, what became of it, and the first of what is wrong.
    func printTable() {
        let output = Output.standard
        let sent = counts.commands.values.reduce(0, +)
        var rows: [(String, Int)] = [
            ("commands", sent), ("confirmed", counts.confirmed), ("unknown", counts.unknown),
            ("recovered", counts.recovered), ("lost", counts.lost), ("duplicated", counts.duplicated),
            ("unexpected", counts.unexpected), ("bystanders", counts.bystanders),
            ("dead letters", counts.deadLetters), ("  expected", counts.deadLettersExpected),
            ("announced again", counts.announcedAgain), ("kills", counts.kills),
        ]
        if !gaps.isEmpty { rows += [("gaps hit", gaps.count { $0.hits > 0 }), ("  of", gaps.count)] }
        output.line()
        for (name, number) in rows {
            output.line("  " + name.padded(to: 18) + Figures.count(number).padded(to: 12, onLeft: true))
        }
        if setup.rollout != nil { printTimes() }
        let all = Self.sorted(counts.commands) + [("", 0)] + Self.sorted(counts.outcomes)
        output.line()
        for (name, number) in all {
            output.line(
                name.isEmpty ? "" : "  " + name.padded(to: 26) + Figures.count(number).padded(to: 10, onLeft: true))
        }
        output.line()
        for finding in findings.prefix(20) {
            output.line(
                "  \(finding.kind): \(finding.subject.printable.cut(to: 60)): \(finding.problem.printable.cut(to: 300))"
            )
        }
        if findings.count > 20 { output.line("  and \(Figures.count(findings.count - 20)) more, all in report.json") }
        output.line(output.styled(isValid ? "Valid: nothing lost, nothing twice" : "INVALID", isValid ? .green : .red))
    }

    /// What an update takes: until processes end, until their successors are ready, until outcomes are there.
    private func printTimes() {
        var rows = [("replicas replaced", Figures.count(handovers.count))]
        for (name, times) in [("ended", handovers.map(\.ending)), ("ready", handovers.compactMap(\.starting))] {
            guard case let sorted = times.sorted(), let longest = sorted.last else { continue }
            let median = sorted.percentile(0.5)
            rows += [(name + ", median", Words.brief(median)), ("  longest", Words.brief(longest))]
        }
        if let latency {
            rows += [
                ("outcome, p50", Words.brief(latency.p50)), ("  p99", Words.brief(latency.p99)),
                ("  p99, worst 10 s", Words.brief(latency.worstP99)), ("  longest", Words.brief(latency.longest)),
            ]
        }
        Output.standard.line()
        for (name, value) in rows {
            Output.standard.line("  " + name.padded(to: 18) + value.padded(to: 12, onLeft: true))
        }
    }

    private static func sorted(_ numbers: [String: Int]) -> [(String, Int)] {
        numbers.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.value) }
    }
}
