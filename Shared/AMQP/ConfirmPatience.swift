/// How long a publisher waits for a confirm before it gives up its connection and publishes again on another.
///
/// A confirm may never come: on a channel that was opened while a queue of a cluster had no leader, all is refused or stays
/// on its way until the node that died is back (measured with RabbitMQ 3.10.8, the connection being well). Each time in
/// vain the patience doubles, so that a broker that is only slow is not flooded with repetitions.
public struct ConfirmPatience: Sendable {
    private static let shortest = Duration.seconds(6)
    private static let longest = Duration.seconds(96)

    private var limit = shortest
    private var start = ContinuousClock.now

    /// At its shortest, 6 s.
    public init() {}

    /// A confirm has come.
    public mutating func restore() { limit = Self.shortest }

    /// What was published before now is not waited for before now: an alarm is over.
    public mutating func begin() { start = .now }

    /// Looks whether the oldest message without a confirm has waited too long.
    /// - Parameter published: when it was published.
    /// - Throws: ``AMQPError`` of code `timedOut` where it has.
    public mutating func check(_ published: ContinuousClock.Instant) throws(AMQPError) {
        guard ContinuousClock.now - max(published, start) > limit else { return }
        let waited = limit.components.seconds
        limit = min(limit * 2, Self.longest)
        throw AMQPError(.timedOut, "publishing: no confirm within \(waited) s")
    }
}
