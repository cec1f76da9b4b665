import Contract
import Terminal

/// What is said at the end of an import.
struct ImportSummary {
    enum End: String { case complete, interrupted, failed }

    let tally: ImportTally
    let end: End
    /// Whether nothing was to be sent.
    let isDryRun: Bool
    /// Whether outcomes were waited for.
    let isWaiting: Bool

    func show() {
        let output = Output.standard
        func line(_ mark: String, _ style: Style, _ count: Int, _ text: String) {
            if count > 0 { output.line(output.styled(mark + " ", style) + "\(Figures.count(count)) \(text)") }
        }
        let many = tally.rows == 1 ? "row" : "rows"
        let sent = isDryRun ? "nothing was sent" : "\(Figures.count(tally.sent)) sent"
        output.line(output.styled("\(Figures.count(tally.rows)) \(many) read, \(sent)", .bold))
        if isDryRun { line("✔", .green, tally.rows - tally.problems - tally.repeated, "are fine") }
        line("✔", .green, tally.confirmed, "confirmed, \(Figures.amount(tally.collected)) collected")
        for reason in BookingOutcome.Reason.allCases {
            line("✘", .red, tally.rejected[reason] ?? 0, "rejected: \(reason.sentence)")
        }
        line("✘", .yellow, tally.cancelled, "booked before and cancelled since")
        line("✘", .red, tally.reused, "refused: another request has used their request_id")
        line("✘", .red, tally.problems, "not sent: they have problems")
        line("·", .dim, tally.repeated, "not sent: they repeat a line before, id and all")
        line("?", .yellow, tally.unanswered, "without an outcome yet: import the same again to see what became of them")
        let hint = "nothing is booked twice (new bookings need --batch)"
        line("·", .dim, tally.before, "of them decided before this import: \(hint)")
        if isWaiting, end != .complete {
            line("?", .yellow, tally.sent - tally.settled - tally.unanswered, "sent and not decided yet")
        }
        switch end {
        case .complete: if !isWaiting, !isDryRun { output.line("What became of them: run it again without --no-wait.") }
        case .interrupted: output.line("Interrupted. Run it again to resume: nothing is booked twice.")
        case .failed: output.line("Not finished. Run it again to resume: nothing is booked twice.")
        }
    }

    /// The last line of `--json`.
    var json: [UInt8] {
        JSON.encode(["summary": Values(tally: tally, end: end)]) + [UInt8(ascii: "\n")]
    }

    private struct Values: Encodable {
        let tally: ImportTally
        let end: End

        private enum CodingKeys: String, CodingKey {
            case end, rows, sent, confirmed
            case collected = "total_collected"
            case currency, rejected, cancelled
            case reused = "request_id_reused"
            case before = "booked_before"
            case problems, repeated
            case unanswered = "no_outcome"
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(end.rawValue, forKey: .end)
            try container.encode(tally.rows, forKey: .rows)
            try container.encode(tally.sent, forKey: .sent)
            try container.encode(tally.confirmed, forKey: .confirmed)
            try container.encode(tally.collected, forKey: .collected)
            try container.encode(Contract.currency, forKey: .currency)
            let reasons = tally.rejected.map { ($0.key.rawValue, $0.value) }
            try container.encode(Dictionary(uniqueKeysWithValues: reasons), forKey: .rejected)
            try container.encode(tally.cancelled, forKey: .cancelled)
            try container.encode(tally.reused, forKey: .reused)
            try container.encode(tally.before, forKey: .before)
            try container.encode(tally.problems, forKey: .problems)
            try container.encode(tally.repeated, forKey: .repeated)
            try container.encode(tally.unanswered, forKey: .unanswered)
        }
    }
}
