import Terminal

/// A line that shows how far an import is; where nobody looks, a line now and then.
struct ImportProgress {
    private let output = Output.error
    private var shown = -1

    /// Whether it is to be looked at more often than now and then.
    var isLive: Bool { output.isTerminal }

    /// - Parameters:
    ///   - tally: what became of the rows so far.
    ///   - read: how much of the file was read, from 0 to 1; nil where its size is not known.
    ///   - isWaiting: whether outcomes are waited for.
    mutating func show(_ tally: ImportTally, read: Double?, isWaiting: Bool) {
        let handled = isWaiting ? tally.handled : tally.sent + tally.problems + tally.repeated
        // What was read and has no outcome yet is not done.
        let share = read.map { $0 * (tally.rows == 0 ? 1 : min(1, Double(handled) / Double(tally.rows))) }
        var facts = ["\(Figures.count(tally.sent)) sent"]
        if tally.confirmed > 0 { facts.append("\(Figures.count(tally.confirmed)) confirmed") }
        let refused = tally.rejections + tally.cancelled + tally.reused
        if refused > 0 { facts.append("\(Figures.count(refused)) refused") }
        if tally.problems > 0 { facts.append("\(Figures.count(tally.problems)) not sent") }
        if output.isTerminal {
            let bar = share.map { share in
                let done = Figures.bar(Int(share * 1000), of: 1000, width: 30)
                let percent = "\(Int(share * 100)) %".padded(to: 5, onLeft: true)
                return output.styled(done, .green)
                    + output.styled(String(repeating: "·", count: max(0, 30 - done.columns)), .dim) + " \(percent)  "
            }
            output.write("\r\(bar ?? "")\(facts.joined(separator: ", "))\u{1b}[K")
        } else {
            let step = share.map { Int($0 * 4) } ?? handled / 100_000
            guard step > max(shown, 0) else { return }
            shown = step
            output.line("\(share.map { "\(Int($0 * 100)) %, " } ?? "")\(facts.joined(separator: ", "))")
        }
    }

    /// Makes room for what is said at the end.
    func finish() {
        if output.isTerminal { output.write("\r\u{1b}[K") }
    }
}
