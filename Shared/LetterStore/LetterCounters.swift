import Metrics
import Synchronization
import Terminal

/// Counts letters by queue and reason.
final class LetterCounters: Sendable {
    private let counters = Mutex<[String: Counter]>([:])

    /// The most pairs of queue and reason that are counted apart: strangers may write any into their letters.
    private static let longestList = 200

    func count(queue: String, reason: String) {
        let key = "\(queue)\n\(reason)"
        let counter = counters.withLock { counters in
            if let counter = counters[key] { return counter }
            let isFull = counters.count >= Self.longestList
            let labels = [("queue", queue), ("reason", reason)].map { name, value in
                (name, isFull ? "other" : value.printable.cut(to: 100))
            }
            let counter = Counter(label: "caramelo.dead_letters", dimensions: labels)
            if !isFull { counters[key] = counter }
            return counter
        }
        counter.increment()
    }
}
