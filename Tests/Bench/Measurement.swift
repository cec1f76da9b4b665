/// What one stretch of load showed.
struct Measurement: Codable, Sendable {
    /// What one part of the system used meanwhile.
    struct Part: Codable, Sendable {
        let name: String
        let processes: Int
        /// Processor time a request.
        let processorMilliseconds: Double
        /// Own memory (RssAnon) of its largest process before, at most, and at the end.
        let megabytesBefore, megabytesMost, megabytesAfter: Double
    }

    /// `caramelo`, or `raw` for the broker alone.
    let subject: String
    /// Requests a second; nil for as many as the broker confirmed.
    let rate: Double?
    let sent, confirmed, outcomes, duplicates, rejected: Int
    /// From when the first request was due until the last outcome arrived.
    let seconds: Double
    let outcomesPerSecond: Double
    /// From when a request was due until the broker had confirmed it; nil without a rate.
    let confirm: Latency?
    /// From when a request was due until its outcome arrived; nil without a rate.
    let outcome: Latency?
    var parts: [Part] = []

    init(_ subject: String, _ journal: Course.Journal) {
        self.subject = subject
        rate = journal.schedule.rate
        (sent, confirmed) = (journal.confirmed.count, journal.confirmedCount)
        (outcomes, duplicates, rejected) = (journal.arrivedCount, journal.duplicates, journal.rejected)
        let start = journal.schedule.start
        seconds = Double(max(journal.last, start) - start) / 1e9
        outcomesPerSecond = seconds > 0 ? Double(outcomes) / seconds : 0
        guard rate != nil else {
            (confirm, outcome) = (nil, nil)
            return
        }
        confirm = Latency(nanoseconds: journal.waits(until: journal.confirmed))
        outcome = Latency(nanoseconds: journal.waits(until: journal.arrived))
    }

    /// Whether every request was confirmed and has its outcome.
    var isComplete: Bool { confirmed == sent && outcomes == sent && rejected == 0 }
}

extension Course.Journal {
    /// How long the requests at some indices, by default all, waited from when they were due for something that has happened.
    func waits(until times: [UInt64], of indices: Range<Int>? = nil) -> [UInt64] {
        (indices ?? times.indices).compactMap { index in
            let due = schedule.due(index)
            return times[index] == 0 ? nil : max(times[index], due) - due
        }
    }
}
