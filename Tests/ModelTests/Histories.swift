import Model

/// The commands and outcomes of hand-written histories.
enum Sample {
    /// A valid request with some fields replaced.
    static func request(_ id: String, _ changes: [String: Value] = [:]) -> SentRequest {
        let fields: [String: Value] = [
            "passenger_name": .text("Juan Pérez"), "passenger_age": .integer(9), "email": .text("juan@example.com"),
            "destination": .text("Cartagena"),
        ]
        return SentRequest(id: id, fields: fields.merging(changes) { $1 })
    }

    private static func outcome(_ request: SentRequest, _ status: Outcome.Status, without: [String] = []) -> Outcome {
        var outcome = Outcome(status)
        outcome.echo = ["has_pet": .flag(false), "has_promotion": .flag(false)].merging(request.fields) { $1 }
        for field in without + ["flight_id", "expires_at"] { outcome.echo[field] = nil }
        outcome.day = "2026-11-21"
        return outcome
    }

    /// Its confirmation in Cartagena at the first fare, without pet and promotion.
    static func confirmed(_ request: SentRequest, isFirst: Bool = true) -> Outcome {
        var outcome = outcome(request, .confirmed)
        outcome.amounts = Amounts(base: 25_000_000, discount: 0, tax: 1_250_000, petTax: 0, total: 26_250_000)
        outcome.isFirst = isFirst
        outcome.points = isFirst ? 526 : 26
        return outcome
    }

    /// Its rejection.
    static func rejected(_ request: SentRequest, _ reason: String, problems: [String] = []) -> Outcome {
        var outcome = outcome(request, .rejected, without: problems)
        outcome.reason = reason
        outcome.problems = Set(problems)
        return outcome
    }

    /// A flight to Cartagena.
    static func flight(_ seats: Int, revision: Int? = nil) -> FlightChange {
        FlightChange("F", to: "Cartagena", departs: "2099-01-01T00:00:00Z", seats: seats, revision: revision)
    }
}

extension Oracle {
    /// Judges commands that were under way together, with their answers and the outcomes of their requests.
    mutating func judge(_ commands: [(Command, Reply?)], _ outcomes: [String: Outcome] = [:]) -> [Difference] {
        let traces = outcomes.mapValues { outcome in
            guard outcome.status == .cancelled else { return Trace(settled: outcome) }
            var confirmation = outcome
            confirmation.status = .confirmed
            return Trace(settled: confirmation, cancelled: outcome)
        }
        return judge(
            Phase(
                begins: 1_700_000_000_000, ends: 1_700_000_001_000, commands.map { Issued($0, reply: $1) },
                traces: traces))
    }

    /// An oracle after such phases, none of which has a difference.
    static func after(_ phases: [([(Command, Reply?)], [String: Outcome])]) -> Oracle? {
        var oracle = Oracle()
        for (commands, outcomes) in phases where !oracle.judge(commands, outcomes).isEmpty { return nil }
        return oracle
    }
}
