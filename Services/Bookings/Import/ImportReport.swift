import Contract
import Terminal

/// What is said of single rows: a JSON object each with `--json`; else the first of each kind, kept for the end.
struct ImportReport: Sendable {
    /// One row, as `--json` prints it.
    struct Row: Encodable {
        var line: Int
        var requestID: String?
        /// `confirmed`, `rejected`, `cancelled`; `refused` for an id that stands for another request, `problem` for
        /// what was not sent, `repeated`, `no_outcome`; with `--no-wait` `sent`, with `--dry-run` `valid`.
        var status: String
        var reason: BookingOutcome.Reason?
        var problem: String?
        var bookingNumber: Int?
        var totalPrice: Int?
        var currency: String?
        var bookedBefore: Bool?

        private enum CodingKeys: String, CodingKey {
            case line
            case requestID = "request_id"
            case status, reason, problem
            case bookingNumber = "booking_number"
            case totalPrice = "total_price"
            case currency
            case bookedBefore = "booked_before"
        }
    }

    /// Rows of one kind that people should look at.
    struct List: Sendable {
        static let limit = 20
        private var lines: [(line: Int, text: String)] = []
        private var count = 0

        /// Notes a row; what it says is made only when it is shown.
        mutating func add(_ line: Int, _ text: @autoclosure () -> String) {
            count += 1
            if lines.count < Self.limit { lines.append((line, text().printable)) }
        }

        func show(_ title: String) {
            guard count > 0 else { return }
            let output = Output.standard
            output.line(output.styled(title, .bold))
            for (line, text) in lines.sorted(by: { $0.line < $1.line }) {
                output.line("  line \(Figures.count(line)): \(text)")
            }
            if count > lines.count {
                output.line("  and \(Figures.count(count - lines.count)) more; --json lists all of them")
            }
        }
    }

    private let isJSON: Bool
    private var problems = List()
    private var refusals = List()
    private var unanswered = List()

    init(isJSON: Bool) { self.isJSON = isJSON }

    private func print(_ row: @autoclosure () -> Row) {
        if isJSON { Output.standard.write(JSON.encode(row()) + [UInt8(ascii: "\n")]) }
    }

    mutating func problem(_ line: Int, _ requestID: String?, _ problem: String) {
        print(Row(line: line, requestID: requestID, status: "problem", problem: problem))
        problems.add(line, problem)
    }

    mutating func repeated(_ line: Int, _ requestID: String, firstLine: Int) {
        print(Row(line: line, requestID: requestID, status: "repeated", problem: "the same as line \(firstLine)"))
    }

    /// The end of a row's way without an outcome: `valid` or `sent`.
    func done(_ row: ImportRow, _ status: String) {
        print(Row(line: row.line, requestID: row.request.requestID, status: status))
    }

    mutating func reused(_ row: ImportRow) {
        let problem = "request_id stands for another request"
        print(Row(line: row.line, requestID: row.request.requestID, status: "refused", problem: problem))
        refusals.add(row.line, "request_id \(row.request.requestID) was used for another request: nothing was booked")
    }

    mutating func settled(_ row: ImportRow, _ outcome: BookingOutcome, before isBefore: Bool) {
        print(
            Row(
                line: row.line, requestID: outcome.requestID, status: outcome.status.rawValue, reason: outcome.reason,
                bookingNumber: outcome.bookingNumber, totalPrice: outcome.totalPrice, currency: outcome.currency,
                bookedBefore: isBefore))
        switch outcome.status {
        case .confirmed: break
        case .rejected: refusals.add(row.line, outcome.reason?.sentence ?? "rejected")
        case .cancelled: refusals.add(row.line, "the booking was cancelled since")
        }
    }

    mutating func noOutcome(_ row: ImportRow) {
        print(Row(line: row.line, requestID: row.request.requestID, status: "no_outcome"))
        unanswered.add(row.line, "request \(row.request.requestID)")
    }

    /// Shows the rows that people should look at.
    func show() {
        if isJSON { return }
        problems.show("Not sent:")
        refusals.show("Refused:")
        unanswered.show("No outcome yet:")
    }
}
