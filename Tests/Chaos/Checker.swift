import Checking
import Model

/// Judges a run by what was sent and what was seen; it asks nobody.
struct Checker {
    /// What is wrong, the same thing once.
    private(set) var findings: [Verdict.Finding] = []
    /// What is counted.
    private(set) var counts = Verdict.Counts()
    private var oracle: Oracle

    /// The events that the probe listens to; the others stay between the services.
    static let events: Set = [
        "booking.confirmed", "booking.rejected", "booking.cancelled", "candy.accounted", "loyalty.awarded",
        "customer.registered",
    ]

    /// Judges.
    /// - Parameters:
    ///   - history: what was sent.
    ///   - seen: what was announced.
    ///   - observed: what the system knew when it was quiet.
    ///   - oracle: what it knew before.
    ///   - deleted: queues that were deleted with what they held.
    init(
        _ history: History, _ seen: Sightings, _ observed: Observations, after oracle: Oracle = Oracle(),
        deleted: Set<String> = []
    ) {
        self.oracle = oracle
        for step in history.setup { judge(Phase(begins: history.begins, ends: history.ends, step.map(\.issued))) }
        // What is stored is the effect; that it was announced, and as it is, is looked at besides.
        let traces = observed.bookings.mapValues(\.trace)
        judge(Phase(begins: history.begins, ends: history.ends, history.load.map(\.issued), traces: traces))
        // Replays of figures bring candies back into these; that they were accounted is not announced again.
        let unannounced: Set = deleted.contains { $0.hasPrefix("candy-accounting.outcomes") } ? ["candy.accounted"] : []
        note(Audit(self.oracle, seen, events: Self.events, unannounced: unannounced).faults)
        note(Comparison(self.oracle, observed).differences)
        count(history, observed)
        counts.announcedAgain = seen.again
    }

    private mutating func judge(_ phase: Phase) { note(oracle.judge(phase)) }

    private mutating func note(_ differences: [Difference]) {
        findings += differences.map {
            Verdict.Finding(kind: $0.kind.rawValue, subject: $0.subject, problem: $0.problem)
        }
    }

    private mutating func count(_ history: History, _ observed: Observations) {
        let all = history.all
        for entry in all { counts.commands[entry.order.kind.rawValue, default: 0] += 1 }
        counts.confirmed = all.count(where: \.isCertain)
        counts.unknown = all.count - counts.confirmed
        counts.recovered = recovered(all, observed)
        for booking in oracle.bookings.values {
            counts.outcomes[booking.outcome.reason ?? booking.outcome.status.rawValue, default: 0] += 1
        }
        counts.deadLettersExpected = oracle.letters.count
        counts.deadLetters = observed.letters.count
        let kinds = findings.reduce(into: [String: Int]()) { $0[$1.kind, default: 0] += 1 }
        counts.lost = kinds["lost"] ?? 0
        counts.duplicated = kinds["duplicated"] ?? 0
        counts.unexpected = kinds["unexpected"] ?? 0
        counts.bystanders = kinds["bystander"] ?? 0
    }

    /// The unknown commands that took effect, as far as nobody else can have caused it.
    private func recovered(_ all: [History.Entry], _ observed: Observations) -> Int {
        let certain = Set(all.filter(\.isCertain).compactMap { Effect($0.order.command) })
        let letters = Set(observed.letters.map(\.body))
        let effects = Set(all.filter { !$0.isCertain }.compactMap { Effect($0.order.command) }).subtracting(certain)
        return effects.count { effect in
            switch effect {
            case .stored(let id): observed.bookings[id] != nil
            case .cancelled(let id): observed.bookings[id]?.outcome?.status == .cancelled
            case .kept(let body): letters.contains(body)
            }
        }
    }
}

/// What a command is to bring about, by which it can be told whether it did.
private enum Effect: Hashable {
    case stored(String)
    case cancelled(String)
    case kept([UInt8])

    init?(_ command: Command) {
        switch command {
        case .request(let request): self = .stored(request.id)
        case .cancel(let id): self = .cancelled(id)
        case .unreadable(let body): self = .kept(body)
        case .set, .schedule: return nil
        }
    }
}
