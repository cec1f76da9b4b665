import AMQP
import Client
import Contract
import Synchronization

/// The outcomes of one run, as they are announced.
final class Outcomes: Sendable {
    private struct State {
        var bodies: [String: [UInt8]] = [:]
        var outcomes: [String: BookingOutcome] = [:]
        var differences: [String] = []
    }
    private let state = Mutex(State())
    private let requests: [String: Fate]

    init(of requests: [String: Fate]) { self.requests = requests }

    var count: Int { state.withLock { $0.outcomes.count } }
    var missing: [String] { state.withLock { state in requests.keys.filter { state.outcomes[$0] == nil }.sorted() } }
    var differences: [String] { state.withLock { $0.differences } }
    /// How many addresses have had their first booking.
    var firstBookings: Int { state.withLock { $0.outcomes.values.count { $0.firstBooking == true } } }

    /// Takes what is announced until the task is cancelled; a lost connection is made anew.
    func listen(_ client: BookingClient, first: AsyncThrowingStream<Announcement, any Error>) async {
        var announcements = first
        while !Task.isCancelled {
            do { for try await announcement in announcements { take(announcement.message.body) } } catch {}
            while !Task.isCancelled {
                if let next = try? await client.outcomes() {
                    announcements = next
                    break
                }
                try? await Task.sleep(for: .milliseconds(500))
            }
        }
    }

    /// Notes an outcome, announced or looked up.
    func take(_ body: [UInt8]) {
        guard let outcome = try? JSON.decode(BookingOutcome.self, from: body),
            let fate = requests[outcome.requestID]
        else { return }
        state.withLock { state in
            let id = outcome.requestID
            // Announced at least once, but each time the same.
            if let before = state.bodies[id] {
                if before != body { state.differences.append("\(id) has two outcomes") }
                return
            }
            state.bodies[id] = body
            state.outcomes[id] = outcome
            if let difference = fate.difference(from: outcome) { state.differences.append("\(id) \(difference)") }
        }
    }

    /// Looks those up whose announcement may have been missed.
    func lookUpMissing(_ client: BookingClient) async {
        for id in missing.prefix(50) {
            let query = JSON.encode(BookingQuery(requestID: id))
            if let answer = try? await client.ask(RoutingKey.queryBooking, query, timeout: .seconds(5)) { take(answer) }
        }
    }
}
