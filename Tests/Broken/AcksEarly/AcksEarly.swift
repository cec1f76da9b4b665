import AMQP
import Contract
import Runtime
import Synchronization

/// Stands in the place of the runtime's own: requests are acknowledged at once, and stored up to 100 ms later. Whoever
/// kills the process in between loses them.
struct Subscription {
    fileprivate let real: Runtime.Subscription

    init(
        _ queue: String, isQuery: Bool = false, batchLimit: Int = 256, isDirect: Bool = false,
        confirmed: (@Sendable ([OutgoingMessage]) async -> Void)? = nil,
        handle: @escaping @Sendable ([Delivery]) async throws -> [Runtime.Verdict]
    ) {
        guard queue == QueueName.requests else {
            real = Runtime.Subscription(
                queue, isQuery: isQuery, batchLimit: batchLimit, isDirect: isDirect, confirmed: confirmed,
                handle: handle)
            return
        }
        real = Runtime.Subscription(queue) { batch in
            let requests = batch.filter(\.isPlainRequest)
            unstored.withLock { $0.append { try await handle(requests) } }
            let others = batch.filter { !$0.isPlainRequest }
            let verdicts = others.isEmpty ? [] : try await handle(others)
            let byID = Dictionary(uniqueKeysWithValues: zip(others.map(\.id), verdicts))
            return batch.map { byID[$0.id] ?? .done() }
        }
    }
}

extension ServicePlan {
    init(
        _ subscriptions: [Subscription], prepare: @escaping @Sendable () async throws -> Void = {},
        background: @escaping @Sendable (Backstage) async -> Void
    ) {
        self.init(subscriptions.map(\.real), prepare: prepare) { backstage in
            async let late: Void = storeLate(backstage)
            await background(backstage)
            await late
        }
    }
}

private let unstored = Mutex<[@Sendable () async throws -> [Runtime.Verdict]]>([])

private func storeLate(_ backstage: Backstage) async {
    while (try? await Task.sleep(for: .milliseconds(100))) != nil {
        let work = unstored.withLock { unstored in
            defer { unstored = [] }
            return unstored
        }
        for store in work {
            for case .done(let messages, _) in (try? await store()) ?? [] { try? await backstage.publish(messages) }
        }
    }
}

extension Delivery {
    /// Whether nothing but a booking comes of it: neither an answer nor a dead letter.
    fileprivate var isPlainRequest: Bool {
        routingKey == RoutingKey.bookingRequest && message.replyTo == nil && (try? BookingRequest.read(body)) != nil
    }
}
