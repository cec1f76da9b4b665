import Checking
import Client
import Contract
import Foundation
import Model
import Support
import Synchronization

/// Sends the commands at a steady rate, and keeps the history of each.
final class Load: Sendable {
    /// How long the broker has to confirm a command, or somebody to answer it; then its fate is unknown. A change of a
    /// destination or a flight has longer, since the fares and seats allowed afterwards depend on it.
    private static func patience(with order: Order) -> Duration {
        order.kind == .set || order.kind == .schedule ? .seconds(900) : .seconds(60)
    }

    private struct State {
        var entries: [History.Entry] = []
        var sent = 0
        /// Requests whose fate is unknown.
        var unknown: Set<String> = []
        /// What waits for an outcome.
        var waiting: [Order] = []
        /// Whether no new command is to be made: all are, or there are enough.
        var isThrough = false
    }

    private let client: BookingClient
    private let probe: Probe
    private let reading: Reading
    private let timeline: TimelineRecorder
    private let latencies: Latencies
    private let state = Mutex(State())
    private let isOver = Mutex(false)

    init(
        _ client: BookingClient, _ probe: Probe, _ reading: Reading, _ timeline: TimelineRecorder,
        _ latencies: Latencies
    ) {
        self.client = client
        self.probe = probe
        self.reading = reading
        self.timeline = timeline
        self.latencies = latencies
    }

    /// How many commands have been sent so far.
    var sent: Int { state.withLock { $0.sent } }
    /// How many of them have been confirmed so far.
    var confirmed: Int { state.withLock { $0.entries.count(where: \.isCertain) } }

    /// Sends commands that everything else needs, all together.
    func setUp(_ orders: [Order]) async throws -> [History.Entry] {
        let entries = await withTaskGroup(of: History.Entry.self) { group in
            for var order in orders {
                // Confirmed is not yet carried out, and what is booked at once needs it.
                order.wantsReply = true
                group.addTask { [order] in await self.send(order) }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        let missing = entries.count { !$0.isCertain }
        guard missing == 0 else { throw RunFailure("\(missing) commands of the setup were not confirmed") }
        return entries
    }

    /// Sends the whole load, at `rate` commands a second, or as much of it as is enough.
    func run(_ generator: Generator, rate: Int) async {
        var generator = generator
        let start = ContinuousClock.now
        await withDiscardingTaskGroup { group in
            var made = 0
            while made < generator.count, !isStopped, !state.withLock(\.isThrough) {
                let due = min(generator.count, Int((ContinuousClock.now - start) / .seconds(1) * Double(rate)) + 1)
                var orders = due > made ? (made..<due).map { _ in generator.next() } : []
                made = max(made, due)
                state.withLock { $0.waiting += orders.filter { $0.after != nil } }
                orders.removeAll { $0.after != nil }
                for order in orders where [.request, .invalid].contains(order.kind) {
                    if case .request(let request) = order.command { latencies.begin(request.id) }
                }
                for order in orders + released() { group.addTask { await self.perform(order) } }
                try? await Task.sleep(for: .milliseconds(20))
            }
            state.withLock { $0.isThrough = true }
        }
    }

    /// Makes no more commands from now on; what is made is still sent.
    /// - Returns: whether there was more to make.
    func enough() -> Bool {
        state.withLock { state in
            defer { state.isThrough = true }
            return !state.isThrough
        }
    }

    /// Sends what has waited for an outcome until now.
    /// - Parameter limit: how long outcomes may take; what waits longer is never sent.
    func finish(within limit: Duration) async {
        let end = ContinuousClock.now + limit
        await withDiscardingTaskGroup { group in
            while !state.withLock({ $0.waiting.isEmpty }), ContinuousClock.now < end, !isStopped {
                for order in released() { group.addTask { await self.perform(order) } }
                try? await Task.sleep(for: .milliseconds(200))
            }
        }
    }

    /// Sends nothing more.
    func stop() { isOver.withLock { $0 = true } }

    private var isStopped: Bool { isOver.withLock { $0 } || Task.isCancelled }

    /// Everything that was sent.
    var entries: [History.Entry] { state.withLock { $0.entries } }

    /// What needs to wait no longer; what waits for a request that was never confirmed is dropped.
    private func released() -> [Order] {
        let waiting = state.withLock { state in
            state.waiting.removeAll { state.unknown.contains($0.after ?? "") }
            return state.waiting
        }
        let ready = waiting.filter { probe.isSettled($0.after ?? "") }
        if ready.isEmpty { return [] }
        let ids = Set(ready.map(\.id))
        state.withLock { state in state.waiting.removeAll { ids.contains($0.id) } }
        return ready
    }

    private func perform(_ order: Order) async {
        state.withLock { $0.sent += 1 }
        let entry = await send(order)
        if entry.isCertain { timeline.note { $0.confirmed += 1 } }
        state.withLock { state in
            state.entries.append(entry)
            if !entry.isCertain, case .request(let request) = order.command { state.unknown.insert(request.id) }
        }
    }

    /// Publishes a command until it is confirmed or answered, with the same id each time.
    private func send(_ order: Order) async -> History.Entry {
        let start = ContinuousClock.now
        while true {
            let left = start + Self.patience(with: order) - .now
            do throws(ClientError) {
                let message = ClientMessage(order.key, order.command.body, messageID: order.id)
                guard order.wantsReply else {
                    try await client.publish(message, timeout: left)
                    return History.Entry(order: order, isCertain: true)
                }
                let answer = try await client.ask(order.key, order.command.body, timeout: left)
                // The client asks again after two seconds.
                let isRepeated = ContinuousClock.now - start > .milliseconds(1900)
                return History.Entry(
                    order: order, isCertain: true, reply: try? reading.reply(answer), isRepeated: isRepeated)
            } catch {
                // What came back has not arrived; everything else may have.
                guard case .nobodyServes = error, left > .seconds(1) else {
                    return History.Entry(order: order, isCertain: false, isRepeated: order.wantsReply)
                }
                try? await Task.sleep(for: .milliseconds(200))
            }
        }
    }
}
