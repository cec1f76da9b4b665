import Contract

/// Dead letters as lines for people, page by page: a table whose columns are as wide as they are.
public struct LetterRows {
    private var reasons: [String: Int] = [:]
    private var count = 0

    /// Nothing written yet.
    public init() {}

    /// Writes some letters, after the headings where they are the first.
    public mutating func write(_ letters: [LetterLine], to output: Output = .standard) {
        var text = ""
        if count == 0, !letters.isEmpty {
            text =
                output.styled(
                    "ID                AT (UTC)             STATUS     TRIES  QUEUE                     REASON                DETAIL",
                    .dim) + "\n"
        }
        for letter in letters {
            count += 1
            reasons[letter.reason, default: 0] += 1
            let time = letter.at.description.prefix(19).replacing("T", with: " ")
            text += output.styled(letter.id, .bold) + "  \(time)  "
            text += letter.status.rawValue.padded(to: 9) + " " + "\(letter.attempts)".padded(to: 6, onLeft: true) + "  "
            text += letter.queue.cell(24) + "  " + output.styled(letter.reason.cell(20), .red) + "  "
            text += letter.detail.printable.cut(to: 70) + "\n"
        }
        output.write(text)
    }

    /// Writes a line that counts them.
    /// - Parameters:
    ///   - isAll: whether there are no more of them.
    ///   - total: how many there are in all, where that is known.
    public func finish(isAll: Bool = true, total: Int? = nil, on output: Output = .standard) {
        guard count > 0 else { return output.line("No dead letters.") }
        guard isAll else {
            let all = total.map { "of \(Figures.count($0)) dead letters" } ?? "dead letters, and there are more"
            return output.line("The latest \(Figures.count(count)) \(all); --limit 0 shows all.")
        }
        let sorted = reasons.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        let counted = sorted.map { "\(Figures.count($0.value)) \($0.key.printable)" }
        output.line(
            "\(Figures.count(count)) dead letter\(count == 1 ? "" : "s"): \(counted.joined(separator: ", "))")
    }
}

extension String {
    /// Exactly so many columns.
    fileprivate func cell(_ width: Int) -> String { printable.cut(to: width).padded(to: width) }
}
