import Synchronization

/// The latest ids, so many and no more, so that a long life does not fill the memory.
final class RecentIDs: Sendable {
    private struct State {
        var ids: Set<String> = []
        /// The same in the order of their arrival, from `oldest` on and around.
        var order: [String] = []
        var oldest = 0
    }

    private let limit: Int
    private let state = Mutex(State())

    /// - Parameter limit: how many to keep, 1 at least.
    init(limit: Int) { self.limit = limit }

    /// Whether it is among the latest.
    func contains(_ id: String) -> Bool { state.withLock { $0.ids.contains(id) } }

    /// Adds one, and forgets the oldest where there are too many.
    func insert(_ id: String) {
        state.withLock { state in
            guard state.ids.insert(id).inserted else { return }
            if state.order.count < limit {
                state.order.append(id)
            } else {
                state.ids.remove(state.order[state.oldest])
                state.order[state.oldest] = id
                state.oldest = (state.oldest + 1) % limit
            }
        }
    }
}
