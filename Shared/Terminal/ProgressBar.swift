/// A line that shows how far something is; where nobody looks, a line for each quarter.
public struct ProgressBar {
    private let title: String
    private let total: Int
    private let output: Output
    private var shown = -1

    /// A bar at nothing.
    /// - Parameters:
    ///   - title: what is going on.
    ///   - total: how much there is to do.
    ///   - output: where it is shown.
    public init(_ title: String, total: Int, output: Output) {
        self.title = title
        self.total = total
        self.output = output
    }

    /// Shows that so much is done, and a note on it.
    public mutating func show(_ done: Int, note: String = "") {
        // As often as the bar looks different.
        let steps = output.isTerminal ? 200 : 4
        let step = total == 0 ? steps : done * steps / total
        guard step != shown else { return }
        shown = step
        let count = "\(Figures.count(done))/\(Figures.count(total))".padded(to: "\(total)".count * 2 + 3, onLeft: true)
        if output.isTerminal {
            let bar = Figures.bar(done, of: total, width: 30)
            let rest = String(repeating: "·", count: max(0, 30 - bar.columns))
            let whole = output.styled(bar, .green) + output.styled(rest, .dim)
            output.write("\r\(title) \(whole) \(count) \(note)\u{1b}[K")
        } else {
            output.line("\(title) \(count) \(note)")
        }
    }

    /// Ends the line.
    public func finish() {
        if output.isTerminal { output.line() }
    }
}
