import AMQP
import Client
import Contract

/// Learns what becomes of the rows: from announcements, and by asking for those that were not announced, because they
/// were decided in an earlier run or the connection was lost.
struct ImportOutcomes: Sendable {
    /// The most questions asked at a time.
    private static let maximumQuestions = 256
    private static let patience = Duration.seconds(5)

    let client: BookingClient
    let ledger: ImportLedger

    /// Takes announcements until it is cancelled; a lost connection is made anew.
    func listen(_ first: AsyncThrowingStream<Announcement, any Error>) async {
        var announcements: AsyncThrowingStream<Announcement, any Error>? = first
        while !Task.isCancelled {
            do {
                if let announcements {
                    for try await announcement in announcements {
                        if let outcome = try? announcement.outcome() { await ledger.settle(outcome) }
                    }
                }
                if Task.isCancelled { return }
                announcements = try await client.outcomes()
            } catch {
                // What is missed meanwhile is looked up.
                announcements = nil
                try? await Task.sleep(for: .milliseconds(500))
            }
        }
    }

    /// Looks up what was not announced, until it is cancelled.
    ///
    /// A few at first: where the services are only slow, asking makes them slower. As many as they answer where most
    /// turn out to be decided, as after an interruption.
    func lookUp() async {
        let few = 8
        var questions = few
        while !Task.isCancelled {
            let rows = await ledger.takeDue(questions)
            let found = await withTaskGroup { group in
                for row in rows { group.addTask { await lookUp(row) } }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            questions = found * 2 > rows.count ? min(questions * 2, Self.maximumQuestions) : few
            if questions == few { try? await Task.sleep(for: .milliseconds(200)) }
        }
    }

    /// - Returns: whether there is an outcome.
    private func lookUp(_ row: ImportRow) async -> Bool {
        let query = JSON.encode(BookingQuery(requestID: row.request.requestID))
        guard let outcome = await decided(RoutingKey.queryBooking, query)?.outcome else {
            await ledger.lookUpLater(row)
            return false
        }
        guard row.hasOwnID else {
            await ledger.settle(outcome)
            return true
        }
        // Some other publisher may have used the id. Only a twin is told whether the booking is its own: outcomes name
        // no flight.
        switch await decided(RoutingKey.bookingRequest, JSON.encode(row.request)) {
        case .outcome(let outcome): await ledger.settle(outcome)
        case .reused: await ledger.refuse(row)
        case nil: await ledger.lookUpLater(row)
        }
        return true
    }

    private enum Decision {
        case outcome(BookingOutcome)
        case reused

        var outcome: BookingOutcome? { if case .outcome(let outcome) = self { outcome } else { nil } }
    }

    private func decided(_ routingKey: String, _ question: [UInt8]) async -> Decision? {
        guard let body = try? await client.ask(routingKey, question, timeout: Self.patience),
            let answer = try? JSON.decode(Answer<BookingStatus>.self, from: body)
        else { return nil }
        switch answer {
        case .answered(.decided(let outcome)): return .outcome(outcome)
        case .failed(let reply) where reply.code == .requestIDReused: return .reused
        case .answered(.pending), .failed: return nil
        }
    }
}
