import Contract
import Terminal

/// Letters as `dead-letter list` prints them for people.
public struct LetterTable: Sendable {
    private var table = Table([
        .text("ID"), .text("AT (UTC)"), .text("QUEUE"), .text("REASON"), .number("TRIES"), .text("DETAIL"),
    ])
    private var reasons: [String: Int] = [:]
    private var count = 0

    private let limit: Int

    /// A table without letters.
    /// - Parameter limit: how many rows it has at most; the other letters are only counted.
    public init(limit: Int = .max) { self.limit = limit }

    /// Adds a letter.
    public mutating func add(_ letter: Letter) {
        count += 1
        reasons[letter.reason, default: 0] += 1
        guard count <= limit else { return }
        let time = letter.at.description.prefix(19).map { $0 == "T" ? " " : $0 }
        table.add([
            .init(letter.id, .bold), .init(String(time)), .init(letter.queue.cut(to: 40)),
            .init(letter.reason.cut(to: 30), .red), "\(letter.attempts)", .init(letter.detail.cut(to: 60)),
        ])
    }

    /// Writes all of them, and a line that counts them.
    public func write(to output: Output) {
        guard !table.isEmpty else { return output.line("No dead letters.") }
        table.write(to: output)
        if count > limit { output.line("… and \(count - limit) more") }
        let sorted = reasons.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        let counted = sorted.map { "\($0.value) \($0.key.printable)" }
        output.line("\(count) dead letter\(count == 1 ? "" : "s"): \(counted.joined(separator: ", "))")
    }
}
