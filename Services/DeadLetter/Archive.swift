import AMQP
import LetterStore
import Logging
import Metrics
import Runtime
import Synchronization
import Terminal

/// Logs and counts each letter, and moves it into the store: confirmed there first, acknowledged here then.
final class Archive: Sendable {
    private let logger: Logger
    private let counters = Mutex<[String: Counter]>([:])

    /// The most pairs of queue and reason that are counted apart: strangers may write any into their letters.
    private static let longestList = 200

    init(logger: Logger) { self.logger = logger }

    func store(_ delivery: Delivery) -> Verdict {
        let letter = Letter(delivery.message, exchange: delivery.exchange, routingKey: delivery.routingKey)
        logger.warning(
            "dead letter",
            metadata: [
                "id": "\(letter.id)", "queue": "\(letter.queue)", "reason": "\(letter.reason)",
                "service": "\(letter.service ?? "-")", "attempts": "\(letter.attempts)",
                "message_id": "\(letter.message.messageID ?? "-")",
            ])
        count(letter)
        return .done([OutgoingMessage(to: "", routingKey: QueueName.deadLetterStore, message: letter.stored)])
    }

    private func count(_ letter: Letter) {
        let key = "\(letter.queue)\n\(letter.reason)"
        let counter = counters.withLock { counters in
            if let counter = counters[key] { return counter }
            let isFull = counters.count >= Self.longestList
            let labels = [("queue", letter.queue), ("reason", letter.reason)].map { name, value in
                (name, isFull ? "other" : value.printable.cut(to: 100))
            }
            let counter = Counter(label: "caramelo.dead_letters", dimensions: labels)
            if !isFull { counters[key] = counter }
            return counter
        }
        counter.increment()
    }
}
