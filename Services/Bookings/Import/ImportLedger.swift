import Contract

/// The rows under way, and what became of the others.
actor ImportLedger {
    /// The most rows that are sent and wait for their outcome.
    static let window = 10_000
    /// How long an outcome is expected to be announced before it is looked up.
    private static let grace = Duration.milliseconds(500)

    private struct Due {
        let requestID: String
        let at: ContinuousClock.Instant
    }

    private(set) var tally = ImportTally()
    private(set) var report: ImportReport
    /// How much of the file was read, from 0 to 1; nil where its size is not known.
    private(set) var read: Double?
    private let isWaiting: Bool
    private let start = Timestamp.now
    private var waiting: [String: ImportRow] = [:]
    /// What is to be looked up, soonest first; those that were settled meanwhile are still there.
    private var lookups: [Due] = []
    /// When a confirm or an outcome came last.
    private(set) var lastProgress = ContinuousClock.now
    /// Set when outcomes were given up, until one comes again.
    private var isStalled = false

    /// - Parameters:
    ///   - isJSON: whether each row is printed at once.
    ///   - isWaiting: whether outcomes are waited for.
    init(isJSON: Bool, isWaiting: Bool) {
        report = ImportReport(isJSON: isJSON)
        self.isWaiting = isWaiting
    }

    /// Counts what was read, and returns the rows that can be sent.
    func take(_ items: [ImportItem]) -> [ImportRow] {
        tally.rows += items.count
        var rows: [ImportRow] = []
        for item in items {
            switch item {
            case .row(let row): rows.append(row)
            case .repeated(let line, let requestID, let firstLine):
                tally.repeated += 1
                report.repeated(line, requestID, firstLine: firstLine)
            case .problem(let line, let requestID, let problem):
                tally.problems += 1
                report.problem(line, requestID, problem)
            }
        }
        return rows
    }

    /// How much of the file was read.
    func noteRead(_ share: Double?) { read = share }

    /// Notes rows that are valid and not to be sent.
    func valid(_ rows: [ImportRow]) { for row in rows { report.done(row, "valid") } }

    // MARK: Sending

    var isFull: Bool { waiting.count >= Self.window }
    var isEmpty: Bool { waiting.isEmpty }

    /// Rows are about to be sent: from now on their outcomes may come.
    func send(_ rows: [ImportRow]) {
        if isWaiting { for row in rows { waiting[row.request.requestID] = row } }
    }

    /// The broker has these rows.
    func confirm(_ rows: [ImportRow]) {
        tally.sent += rows.count
        lastProgress = .now
        for row in rows {
            if isWaiting { lookUpLater(row, after: Self.grace) } else { report.done(row, "sent") }
        }
    }

    /// Makes room where nothing has come for so long: the services are not there, but their queues keep the requests,
    /// so the rest may follow, and without such a wait each time.
    func giveUpIfStalled(_ limit: Duration) {
        guard isStalled || lastProgress + limit < .now else { return }
        isStalled = true
        giveUp()
    }

    /// Nobody is to wait for the rows under way any longer.
    func giveUp() {
        tally.unanswered += waiting.count
        for row in waiting.values.sorted(by: { $0.line < $1.line }) { report.noOutcome(row) }
        (waiting, lookups) = ([:], [])
    }

    // MARK: Outcomes

    /// An outcome, announced or looked up; most of the announced are of others.
    func settle(_ outcome: BookingOutcome) {
        guard let row = waiting.removeValue(forKey: outcome.requestID) else { return }
        (lastProgress, isStalled) = (.now, false)
        if row.hasOwnID, !row.request.isBooked(in: outcome) {
            tally.reused += 1
            return report.reused(row)
        }
        let isBefore = outcome.occurredAt < start
        tally.add(outcome, before: isBefore)
        report.settled(row, outcome, before: isBefore)
    }

    /// A row's id stands for another request.
    func refuse(_ row: ImportRow) {
        guard waiting.removeValue(forKey: row.request.requestID) != nil else { return }
        lastProgress = .now
        tally.reused += 1
        report.reused(row)
    }

    /// The rows to look up now, at most `count`.
    func takeDue(_ count: Int) -> [ImportRow] {
        var (rows, taken): ([ImportRow], Int) = ([], 0)
        let now = ContinuousClock.now
        for due in lookups {
            guard rows.count < count, due.at <= now else { break }
            taken += 1
            if let row = waiting[due.requestID] { rows.append(row) }
        }
        lookups.removeFirst(taken)
        return rows
    }

    /// A row has no outcome yet.
    func lookUpLater(_ row: ImportRow, after wait: Duration = .seconds(2)) {
        guard waiting[row.request.requestID] != nil else { return }
        lookups.append(Due(requestID: row.request.requestID, at: .now + wait))
    }
}

extension BookingRequest {
    /// Whether an outcome is of this request, as far as it tells: not of another one with the same id.
    fileprivate func isBooked(in outcome: BookingOutcome) -> Bool {
        outcome.passengerName == passengerName && outcome.passengerAge == passengerAge
            && outcome.email?.lowercased() == email.lowercased() && outcome.destination == destination
            && outcome.hasPet == hasPet && outcome.hasPromotion == hasPromotion
    }
}
