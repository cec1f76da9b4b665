import Synchronization

/// How long outcomes take: from when a request is to be sent until its outcome is seen.
final class Latencies: Sendable {
    private struct State {
        /// Seconds since the start, by request id.
        var begun: [String: Double] = [:]
        var taken: [(begun: Double, seconds: Double)] = []
    }

    private let start = ContinuousClock.now
    private let state = Mutex(State())

    private var now: Double { (ContinuousClock.now - start) / .seconds(1) }

    /// A request is to be sent now.
    func begin(_ requestID: String) { state.withLock { $0.begun[requestID] = now } }

    /// An outcome or a cancellation is seen; what follows the first of a request doesn't count.
    func end(_ requestID: String) {
        state.withLock { state in
            guard let begun = state.begun.removeValue(forKey: requestID) else { return }
            state.taken.append((begun, now - begun))
        }
    }

    /// What they come to; nil where there is none.
    var summary: Verdict.Latency? { Verdict.Latency(of: state.withLock { $0.taken }) }
}

extension Verdict.Latency {
    /// - Parameter taken: when each request was to be sent, and how long its outcome then took, in seconds.
    init?(of taken: [(begun: Double, seconds: Double)]) {
        guard !taken.isEmpty else { return nil }
        let all = taken.map(\.seconds).sorted()
        let tens = Dictionary(grouping: taken) { Int($0.begun / 10) }.values.map { $0.map(\.seconds).sorted() }
        p50 = all.percentile(0.5)
        p99 = all.percentile(0.99)
        longest = all.percentile(1)
        worstP99 = tens.map { $0.percentile(0.99) }.max() ?? p99
    }
}

extension [Double] {
    /// The smallest of these, which are in their order, that so large a share of them does not exceed.
    /// - Precondition: there are some.
    func percentile(_ share: Double) -> Double { self[Swift.max(0, Int((share * Double(count)).rounded(.up)) - 1)] }
}
