import Checking
import Client
import Foundation
import Support

/// The gaps between the steps of a service's work: each is hit on purpose, again and again as far as there is time.
struct Gaps: Sendable {
    let stage: Stage
    let timeline: TimelineRecorder
    /// In the order in which they are tried: those of queries, of which nothing is promised, come last, and before them
    /// those of quarantines, where there is something now and then only.
    private let order: [Gap]

    private struct Gap: Hashable, Sendable {
        let gap: String
        let queue: String
        let key: String
        var rank: Int {
            if key.hasPrefix("query.") || key.hasPrefix("quote.") { return 2 }
            return queue.hasSuffix(".quarantine") ? 1 : 0
        }
        var file: String { "\(gap):\(queue):\(key)" }
    }

    /// How long one waits to be hit before it is another's turn.
    private static let patience = Duration.seconds(8)
    /// The time from one to the next.
    private static let interval = Duration.seconds(2.5)
    /// How many wait to be hit at the same time, each of another queue.
    private static let most = 3

    init(stage: Stage, seed: UInt64, timeline: TimelineRecorder) {
        self.stage = stage
        self.timeline = timeline
        var numbers = Seeded(seed)
        let mixed = Self.all.shuffled(using: &numbers)
        order = (0...2).flatMap { rank in mixed.filter { $0.rank == rank } }
    }

    /// What each queue's consumer does with each kind of message: all receive, store (or work out) and acknowledge, and
    /// those for which something follows publish it and wait for its confirms.
    private static let all: [Gap] = {
        let outcomes = ["booking.confirmed", "booking.rejected", "booking.cancelled"]
        let publishing = [
            "booking-intake.requests": ["booking.request", "booking.cancel"],
            "booking-intake.prices": ["booking.priced"], "booking-intake.queries": ["query.quote"],
            "pricing.bookings": ["booking.accepted"], "booking-intake.replays": ["figures.replay"],
            "candy-accounting.outcomes": ["booking.confirmed", "booking.replayed"],
            "candy-accounting.checkpoints": ["figures.settled"], "dead-letters": ["booking-intake.requests"],
            "booking-intake.requests.quarantine": ["booking.request"],
            "booking-intake.prices.quarantine": ["booking.priced"],
        ]
        let silent = [
            "booking-intake.changes": ["destination.set", "flight.schedule"],
            "booking-intake.queries": queries.filter { $0.key != "query.report" && $0.key != "query.quote" }.map(\.key),
            "pricing.quotes": ["quote.fared"],
            "stats.events": outcomes + ["candy.accounted", "booking.replayed", "candy.replayed"],
            "stats.checkpoints": ["figures.settled", "figures.checkpoint"], "stats.queries": ["query.report"],
            "notifier.outcomes": outcomes + ["customer.registered"],
        ]
        func gaps(_ kinds: [String: [String]], _ gaps: [String]) -> [Gap] {
            kinds.sorted { $0.key < $1.key }.flatMap { queue, keys in
                keys.flatMap { key in gaps.map { Gap(gap: $0, queue: queue, key: key) } }
            }
        }
        return gaps(publishing, ["received", "stored", "published", "confirmed", "acked"])
            + gaps(silent, ["received", "stored", "acked"])
    }()

    /// A replay for figures that nobody has, which changes nothing.
    private static let replay = #"{"generation": 1, "first": 0, "last": 0}"#

    /// Questions, which are asked here, so that there are some when their gaps are to be hit.
    private static let queries: KeyValuePairs = [
        "query.booking": #"{"request_id": "nobody"}"#, "query.destination": #"{"destination": "Cali"}"#,
        "query.destinations": "{}", "query.flight": #"{"flight_id": "nowhere"}"#,
        "query.customer": #"{"email": "nobody@example.com"}"#, "query.report": "{}",
        "query.quote": """
        {"passenger_name": "Nobody", "passenger_age": 9, "email": "nobody@example.com", "destination": "Cali"}
        """,
    ]

    /// Hits one after the other until `end`.
    /// - Returns: all, with how often each was hit.
    func run(until end: ContinuousClock.Instant) async -> [Verdict.Gap] {
        var hits: [Gap: Int] = [:]
        var tries: [Gap: Int] = [:]
        var armed: [Gap: ContinuousClock.Instant] = [:]
        var next = ContinuousClock.now
        while !armed.isEmpty || ContinuousClock.now < end {
            let isOver = ContinuousClock.now >= end || Task.isCancelled
            for (gap, since) in armed {
                let mustEnd = isOver || ContinuousClock.now - since > Self.patience
                guard let isHit = look(at: gap, mustEnd: mustEnd) else { continue }
                armed[gap] = nil
                if isHit { hits[gap, default: 0] += 1 }
            }
            if isOver { break }
            if armed.count < Self.most, next <= .now {
                let candidates = order.filter { gap in !armed.keys.contains { $0.queue == gap.queue } }
                // The first of those that were hit least, and of them, tried least.
                let ranks = candidates.map { (hits[$0, default: 0], tries[$0, default: 0]) }
                if let best = ranks.indices.min(by: { ranks[$0] < ranks[$1] }) {
                    arm(candidates[best])
                    armed[candidates[best]] = .now
                    tries[candidates[best], default: 0] += 1
                    next = .now + Self.interval
                }
            }
            try? await Task.sleep(for: .milliseconds(100))
        }
        return Self.all.map { gap in
            Verdict.Gap(queue: gap.queue, key: gap.key, gap: gap.gap, hits: hits[gap, default: 0])
        }
    }

    private func arm(_ gap: Gap) {
        _ = FileManager.default.createFile(atPath: path(of: gap), contents: nil)
        let causes = [
            "quote.fared": "query.quote", "booking.replayed": "figures.replay", "candy.replayed": "figures.replay",
        ]
        let cause = causes[gap.key] ?? gap.key
        let body = cause == "figures.replay" ? Self.replay : Self.queries.first { $0.key == cause }?.value
        guard let body else { return }
        Task { try? await stage.system.client.publish(ClientMessage(cause, Array(body.utf8)), timeout: .seconds(5)) }
    }

    /// Whoever was killed there has removed the file.
    /// - Returns: whether somebody was; nil where that is still to come.
    private func look(at gap: Gap, mustEnd: Bool) -> Bool? {
        let isHit = access(path(of: gap), F_OK) != 0 || mustEnd && unlink(path(of: gap)) != 0
        guard isHit else { return mustEnd ? false : nil }
        timeline.note(Fault.gaps.rawValue, of: "\(gap.queue) \(gap.key) \(gap.gap)", since: timeline.now)
        return true
    }

    private func path(of gap: Gap) -> String { "\(stage.crashPoints)/\(gap.file)" }
}
