import Synchronization

/// What has arrived for one subscription and waits to be handled.
final class Inbox: Sendable {
    private struct State {
        var deliveries: [Delivery] = []
        var waiting: [CheckedContinuation<Void, Never>] = []
        var isClosed = false
        var isOpen = false
        /// What the broker had ready at the last look.
        var waitingThere: Int?
    }
    private let state = Mutex(State())

    /// Adds what has arrived together.
    func put(_ deliveries: [Delivery]) {
        let task = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard !state.isClosed else { return nil }
            state.deliveries += deliveries
            return state.waiting.popLast()
        }
        task?.resume()
    }

    /// Waits for something to arrive, and takes all of it, up to `limit`.
    /// - Returns: `nil` once the inbox is closed.
    func take(_ limit: Int) async -> [Delivery]? {
        while true {
            let (batch, isClosed, next) = state.withLock { state in
                let batch = Array(state.deliveries.prefix(limit))
                state.deliveries.removeFirst(batch.count)
                return (batch, state.isClosed, state.deliveries.isEmpty ? nil : state.waiting.popLast())
            }
            next?.resume()
            if isClosed { return nil }
            if !batch.isEmpty { return batch }
            await withCheckedContinuation { continuation in
                let isWaiting = state.withLock { state in
                    guard state.deliveries.isEmpty, !state.isClosed else { return false }
                    state.waiting.append(continuation)
                    return true
                }
                if !isWaiting { continuation.resume() }
            }
        }
    }

    /// The queue is consumed from here on.
    func open() { state.withLock { $0.isOpen = true } }

    /// Forgets what waits: its channel is gone, and the broker delivers it anew, once the queue is consumed again.
    func clear() {
        state.withLock { state in
            state.deliveries = []
            state.isOpen = false
            state.waitingThere = nil
        }
    }

    /// Ends all takers, now and from now on; what waits is forgotten.
    func close() {
        let tasks = state.withLock { state in
            state.isClosed = true
            state.deliveries = []
            defer { state.waiting = [] }
            return state.waiting
        }
        for task in tasks { task.resume() }
    }

    /// Whether the queue is consumed.
    var isOpen: Bool { state.withLock { $0.isOpen } }
    /// What has waited here longest.
    var first: Delivery? { state.withLock { $0.deliveries.first } }
    /// How many messages the broker had ready at the last look; `nil` where it was not asked since the queue is consumed.
    var waiting: Int? { state.withLock { $0.waitingThere } }

    /// Notes how many messages the broker has ready.
    func noteWaiting(_ count: Int) { state.withLock { $0.waitingThere = count } }
}
