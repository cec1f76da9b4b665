import AMQP
import Glibc
import Logging
import ServiceLifecycle
import Synchronization

/// The process that handles the quarantined messages of its service, one queue at a time: several together at their first
/// start, then each alone, so that it is clear which of them has killed it.
///
/// It takes a message only when it is about to begin with it (basic.get, no prefetch). One that comes from a fresh publish
/// has its start on record; one that came back was begun by a process that did not end it, so its next start is put on record
/// first, or it is a dead letter.
struct QuarantineWorker: Service {
    /// How often the handling of a message is begun at most.
    private static let mostStarts = 4
    /// How many are begun together at their first start: most have only been beside what killed their consumer, or beside
    /// nothing at all. From the second start on each is begun alone.
    private static let mostTogether = 64
    /// How long the process waits for more before it ends.
    private static let patience = Duration.seconds(20)

    private let plan: ServicePlan
    private let service: ServiceContext
    private let subscriptions: [Subscription]
    private let link: Link<GetRole>
    private let publisher: Publisher
    private let replier: Replier
    private let stopwatch = Stopwatch()

    init(plan: ServicePlan, service: ServiceContext) {
        self.plan = plan
        self.service = service
        subscriptions = plan.subscriptions.filter { Topology.isGuarded($0.queue) }
        link = Link("quarantine", service: service, role: GetRole(topology: service.topology))
        publisher = Publisher("quarantine-publish", service: service)
        replier = Replier(service: service)
    }

    /// What the process list shows, and by which the process knows what it is for.
    static func processName(of service: String) -> String { service + nameEnd }
    /// Whether this is such a process.
    static var isThisProcess: Bool { CommandLine.arguments.first?.hasSuffix(nameEnd) == true }
    private static let nameEnd = " (quarantine)"

    /// Handles what there is, until there is nothing for a while, the service is to stop, or the parent process is gone.
    func run() async {
        endWithParent()
        await withTaskGroup { group in
            group.addTask { await link.run() }
            group.addTask { await publisher.link.run() }
            group.addTask { await replier.link.run() }
            group.addTask { await stopwatch.endHanging(after: plan.hangLimit, service) }
            async let replies: Void = replier.run()
            await work()
            replier.finish()
            await replies
            await link.stop()
            await publisher.link.stop()
            await replier.link.stop()
            group.cancelAll()
        }
    }

    /// Standard input ends when the parent process does.
    private func endWithParent() {
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { _ in
                var byte: UInt8 = 0
                while read(STDIN_FILENO, &byte, 1) > 0 {}
                kill(getpid(), SIGTERM)
                return nil
            }, nil)
    }

    private func work() async {
        let isStopping = Atomic(false)
        await withGracefulShutdownHandler {
            // What this process had in hand when its connection was lost: that did not kill it.
            var survived: Set<String> = []
            var lastFound = ContinuousClock.now
            while !isStopping.load(ordering: .relaxed), ContinuousClock.now - lastFound < Self.patience {
                for subscription in subscriptions where !isStopping.load(ordering: .relaxed) {
                    if await handleNext(of: subscription, &survived) { lastFound = .now }
                }
                if lastFound < .now - .milliseconds(200) { try? await Task.sleep(for: .milliseconds(200)) }
            }
        } onGracefulShutdown: {
            isStopping.store(true, ordering: .relaxed)
        }
    }

    /// Handles what may be begun together: messages at their first start, or one at a later start alone.
    /// - Returns: whether there was a message.
    private func handleNext(of subscription: Subscription, _ survived: inout Set<String>) async -> Bool {
        var begun: [GetRole.Got] = []
        var isAlone = false
        var hasFound = false
        while !isAlone, begun.count < Self.mostTogether, let got = await take(subscription) {
            hasFound = true
            let delivery = Delivery(got.delivery, from: subscription.queue, epoch: got.life)
            if delivery.returns > 0, survived.remove(got.id) == nil {
                await settle([got], [startAgain(delivery)], &survived)
            } else if delivery.starts > 1, !begun.isEmpty {
                // It must not be in hand while others are begun: to the end of the queue, as it is.
                await settle([got], [delivery.quarantined(starts: delivery.starts)], &survived)
                break
            } else {
                isAlone = delivery.starts > 1
                begun.append(got)
            }
        }
        if begun.isEmpty { return hasFound }
        let deliveries = begun.map { Delivery($0.delivery, from: subscription.queue, epoch: $0.life) }
        await CrashPoints.within(QueueName.quarantine(of: subscription.queue), deliveries) {
            CrashPoints.pass(.received)
            let messages = await judge(deliveries, subscription)
            CrashPoints.pass(.stored)
            if await settle(begun, messages, &survived) { await subscription.confirmed?(messages) }
        }
        return true
    }

    private func take(_ subscription: Subscription) async -> GetRole.Got? {
        guard (try? await link.ready()) != nil else { return nil }
        return await link.get(QueueName.quarantine(of: subscription.queue))
    }

    /// Publishes what follows from messages and acknowledges them then.
    /// - Returns: whether it was published.
    @discardableResult
    private func settle(
        _ settled: [GetRole.Got], _ messages: [OutgoingMessage], _ survived: inout Set<String>
    ) async -> Bool {
        guard (try? await publisher.publish(messages)) != nil else { return false }
        CrashPoints.pass(.confirmed)
        let areAcknowledged = await link.perform { role, connection throws(AMQPError) in
            for got in settled {
                guard try role.acknowledge(got, on: &connection) else { return false }
            }
            return true
        }
        if areAcknowledged != true { survived.formUnion(settled.map(\.id)) }
        CrashPoints.pass(.acked)
        return true
    }

    /// A message that was begun and not ended: whatever began with it died, hung, or lost its connection.
    private func startAgain(_ delivery: Delivery) -> OutgoingMessage {
        guard delivery.starts < Self.mostStarts else {
            let detail = """
                its consumer died, hung or lost its connection over it \(delivery.starts) times in quarantine, after \
                \(Quarantine.longestPatience) returns to its queue
                """
            let verdict = Verdict.deadLetter(reason: DeadLetterReason.killedConsumer, detail: detail)
            return service.consequences(of: verdict, for: delivery, replier)[0]
        }
        let rung = service.ladder.rungs[min(delivery.starts, service.ladder.rungs.count) - 1]
        return delivery.quarantined(starts: delivery.starts + 1, after: rung)
    }

    /// Handles messages. What could not be begun in earnest, because a dependency is away, or not be ended because this
    /// process is to stop, goes back as it came: that start does not count.
    private func judge(_ deliveries: [Delivery], _ subscription: Subscription) async -> [OutgoingMessage] {
        do {
            let verdicts = try await unlessStopped {
                try await stopwatch.time { try await service.handle(deliveries, by: subscription) }
            }
            return zip(deliveries, verdicts).flatMap { service.consequences(of: $1, for: $0, replier) }
        } catch let away as DependencyAway {
            service.logger.warning("waiting for \(away.name)", metadata: ["error": "\(away.reason)"])
            return deliveries.map { $0.quarantined(starts: $0.starts, after: service.ladder.rungs[0]) }
        } catch is CancellationError {
            return deliveries.map { $0.quarantined(starts: $0.starts, after: service.ladder.rungs[0]) }
        } catch {
            if deliveries.count == 1 {
                return service.consequences(of: Verdict(failure: error), for: deliveries[0], replier)
            }
            var messages: [OutgoingMessage] = []
            for delivery in deliveries { messages += await judge([delivery], subscription) }
            return messages
        }
    }

    /// Waits for `body`, but not for long once the service is to stop: a statement may hang, and whoever stops us is in a hurry.
    /// - Throws: what `body` throws; `CancellationError` where it was not waited for.
    private func unlessStopped(_ body: @escaping @Sendable () async throws -> [Verdict]) async throws -> [Verdict] {
        let (results, feed) = AsyncStream<Result<[Verdict], any Error>>.makeStream()
        let timer = Task {
            try await gracefulShutdown()
            try await Task.sleep(for: .seconds(6))
            feed.yield(.failure(CancellationError()))
        }
        defer { timer.cancel() }
        Task {
            do { feed.yield(.success(try await body())) } catch { feed.yield(.failure(error)) }
        }
        for await result in results { return try result.get() }
        throw CancellationError()
    }
}

/// A connection that asks for single messages.
struct GetRole: LinkRole {
    private static let channel: UInt16 = 1

    /// A message, and the life of the connection that brought it.
    struct Got: Sendable {
        let delivery: AMQPDelivery
        let life: Int
        /// Its message id; whatever enters a quarantine has one.
        var id: String { delivery.message.messageID ?? "" }
    }

    /// Whoever waits for a message. @unchecked because it is touched on its link's thread only.
    final class Question: @unchecked Sendable {
        private var continuation: CheckedContinuation<Got?, Never>?

        init(_ continuation: CheckedContinuation<Got?, Never>) { self.continuation = continuation }

        /// Answers it, unless it has been answered.
        func answer(_ got: Got?) {
            continuation?.resume(returning: got)
            continuation = nil
        }
    }

    private let topology: Topology
    private var question: Question?
    private var life = 0
    let isReady = true

    init(topology: Topology) { self.topology = topology }

    mutating func open(on connection: inout AMQPConnection) throws(AMQPError) {
        try connection.openChannel(Self.channel)
        try topology.declare(on: &connection, channel: Self.channel)
    }

    mutating func ask(_ queue: String, _ question: Question, on connection: inout AMQPConnection) throws(AMQPError) {
        self.question = question
        try connection.get(queue, channel: Self.channel)
    }

    mutating func receive(_ incoming: AMQPIncoming, on connection: inout AMQPConnection) throws(AMQPError) {
        switch incoming {
        case .delivery(let delivery): question?.answer(Got(delivery: delivery, life: life))
        case .empty: question?.answer(nil)
        case .confirmed, .refused, .returned, .consumerCancelled, .blocked, .unblocked: break
        }
    }

    /// Acknowledges a message.
    /// - Returns: whether the connection that brought it is still there.
    func acknowledge(_ got: Got, on connection: inout AMQPConnection) throws(AMQPError) -> Bool {
        guard got.life == life else { return false }
        try connection.acknowledge(got.delivery.tag, multiple: false, channel: Self.channel)
        return true
    }

    mutating func pause() {}

    mutating func lose() {
        life += 1
        question?.answer(nil)
    }
}

extension Link<GetRole> {
    /// Takes one message of a queue, if there is one.
    fileprivate func get(_ queue: String) async -> GetRole.Got? {
        await withCheckedContinuation { continuation in
            let question = GetRole.Question(continuation)
            let isAsked: Void? = perform { role, connection throws(AMQPError) in
                try role.ask(queue, question, on: &connection)
            }
            if isAsked == nil { question.answer(nil) }
        }
    }
}
