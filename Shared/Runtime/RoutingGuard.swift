import Contract

/// Refuses what reached a queue past its bindings.
///
/// The broker's topic permissions look at the routing key alone, not at the headers CC and BCC, by which a publisher can
/// have further copies routed: who may publish `booking.request` could bring it into the queue of prices.
extension ServiceContext {
    /// Has a subscription's handler judge a batch, apart from what its queue isn't bound for.
    /// - Throws: what the handler throws.
    func handle(_ batch: [Delivery], by subscription: Subscription) async throws -> [Verdict] {
        let refusals = batch.map(topology.refusal)
        let welcome = zip(batch, refusals).compactMap { $1 == nil ? $0 : nil }
        guard welcome.count < batch.count else { return try await subscription.handle(batch) }
        var rest = welcome.isEmpty ? [] : try await subscription.handle(welcome)[...]
        return refusals.map { $0 ?? rest.popFirst() ?? .tryLater("it was not handled") }
    }
}

extension Topology {
    /// Why a message must not be handled; `nil` where it may.
    fileprivate func refusal(of delivery: Delivery) -> Verdict? {
        guard delivery.exchange == Exchange.bookings else { return nil }
        let isBound = keys[delivery.queue]?.contains(delivery.routingKey) == true
        if isBound { return nil }
        let detail = """
            the queue is not bound for the routing key '\(delivery.routingKey)': it came by the header CC or BCC, or by a \
            binding that is none of ours
            """
        return .deadLetter(reason: DeadLetterReason.wrongRoutingKey, detail: detail)
    }
}
