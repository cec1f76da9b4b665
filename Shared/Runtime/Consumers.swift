import AMQP
import ConnectionThread
import Glibc
import Logging
import ServiceLifecycle
import Synchronization

/// The consuming side of a service: its connections, its workers, and how they start and end.
struct Consumers: Service {
    private let plan: ServicePlan
    private let service: ServiceContext
    private let inboxes: [Inbox]
    private let link: Link<ConsumeRole>
    private let publisher: Publisher
    /// Those of subscriptions that have their own.
    private let directPublishers: [Publisher?]
    private let replier: Replier
    private let stopwatch = Stopwatch()
    private let quarantine: Quarantine

    /// Time between declarations of the topology, for what somebody deletes meanwhile.
    private static let declarationInterval = Duration.seconds(30)
    /// Time between two looks for consumers that get nothing.
    private static let lookInterval = Duration.seconds(5)
    /// How long the work in hand may take after SIGTERM.
    private static let drainLimit = Duration.seconds(8)

    init(plan: ServicePlan, service: ServiceContext) {
        self.plan = plan
        self.service = service
        inboxes = plan.subscriptions.map { _ in Inbox() }
        link = Link(
            "consume", service: service,
            role: ConsumeRole(topology: service.topology, subscriptions: plan.subscriptions, inboxes: inboxes))
        publisher = Publisher("publish", service: service)
        directPublishers = plan.subscriptions.map { subscription in
            subscription.isDirect ? Publisher("publish \(subscription.queue)", service: service) : nil
        }
        replier = Replier(service: service)
        quarantine = Quarantine(service: service)
    }

    /// Prepares, consumes until the service is to stop, drains, and says goodbye to the broker.
    func run() async {
        guard await prepare() else { return }
        service.health.report("service", nil)
        await withTaskGroup { group in
            let publishers = [publisher] + directPublishers.compactMap(\.self)
            for publisher in publishers { group.addTask { await publisher.link.run() } }
            group.addTask { await replier.link.run() }
            group.addTask { await link.run() }
            group.addTask { await declareRegularly() }
            group.addTask { await lookIntoQuarantine() }
            group.addTask { await stopwatch.endHanging(after: plan.hangLimit, service) }
            group.addTask { await quarantine.run() }
            group.addTask { await plan.background(Backstage(link: link, publisher: publisher)) }
            group.addTask { await drainOnShutdown() }
            async let replies: Void = replier.run()
            await work()
            replier.finish()
            await replies
            await link.stop()
            for publisher in publishers { await publisher.link.stop() }
            await replier.link.stop()
            group.cancelAll()
        }
    }

    /// Repeats the plan's preparation until it succeeds.
    /// - Returns: whether it did, before the service was to stop.
    private func prepare() async -> Bool {
        await cancelWhenGracefulShutdown {
            var attempt = 0
            while !Task.isCancelled {
                do {
                    try await plan.prepare()
                    return true
                } catch {
                    service.health.report("service", "\(error)")
                    service.logger.warning("not started yet", metadata: ["error": "\(error)"])
                    try? await Task.sleep(for: min(Backoff.delay(attempt), .seconds(5)))
                    attempt += 1
                }
            }
            return false
        }
    }

    /// Runs all workers until their inboxes are closed and the work in hand is done.
    private func work() async {
        await withTaskGroup { group in
            for (index, subscription) in plan.subscriptions.enumerated() {
                let direct = directPublishers[index]
                let worker = Worker(
                    index: index, subscription: subscription, inbox: inboxes[index], link: link,
                    publisher: direct ?? publisher, replier: replier, stopwatch: stopwatch, quarantine: quarantine,
                    probe: plan.prepare,
                    service: service,
                    telemetry: QueueTelemetry(subscription.queue, inboxes[index], service.registry))
                for _ in 0..<subscription.workers {
                    // What only computes works where its messages leave; what waits for a dependency keeps no other's there.
                    let shared = subscription.isPure ? publisher : direct
                    let thread = shared?.link.thread ?? ConnectionThread(name: "work")
                    group.addTask(executorPreference: thread) { await worker.run() }
                }
            }
        }
    }

    private func drainOnShutdown() async {
        // Cancelled instead, because another part of the service failed: it ends all the same.
        try? await gracefulShutdown()
        service.health.report("service", "stopping")
        for inbox in inboxes { inbox.close() }
        guard (try? await Task.sleep(for: Self.drainLimit)) != nil else { return }
        // What is not acknowledged by now goes back to its queue with the connection: nothing is lost.
        service.logger.warning("stopped with work in hand, which goes back to its queues")
        exit(0)
    }

    /// Looks now and then whether messages wait in quarantine, which another process may have left there.
    private func lookIntoQuarantine() async {
        guard (try? await link.ready()) != nil else { return }
        repeat {
            let isNeeded = await link.perform { role, connection throws(AMQPError) in
                try role.hasQuarantined(on: &connection)
            }
            if isNeeded == true { quarantine.wake() }
        } while (try? await Task.sleep(for: Self.declarationInterval)) != nil
    }

    /// Declares the topology anew now and then, and makes sure that what waits in our queues also reaches us.
    private func declareRegularly() async {
        var alarms = 0
        var lastDeclared = ContinuousClock.now
        while (try? await Task.sleep(for: Self.lookInterval)) != nil {
            let isDue = ContinuousClock.now - lastDeclared > Self.declarationInterval - Self.lookInterval / 2
            if isDue { lastDeclared = .now }
            let phantoms = await link.perform { role, connection throws(AMQPError) in
                if isDue { try role.declareTopology(on: &connection) }
                return try role.phantoms(on: &connection)
            }
            // Without a connection nothing can be said, neither that it got better.
            guard let phantoms else { continue }
            guard !phantoms.isEmpty else {
                alarms = 0
                service.health.report("phantom", nil)
                continue
            }
            alarms += 1
            service.health.report("phantom", "gets nothing from \(phantoms), although messages wait there")
            service.logger.error("connected, but nothing arrives", metadata: ["queues": "\(phantoms)"])
            if alarms > 2 { service.giveUp("a new connection did not help") }
            await link.perform { _, _ throws(AMQPError) -> Void in
                throw AMQPError(.connectionLost, "nothing arrives on it although messages wait")
            }
        }
    }

}

extension ServiceContext {
    /// Ends the process, for whoever supervises it to start it anew.
    func giveUp(_ why: String) -> Never {
        logger.critical("ending, to be started anew: \(why)")
        exit(70)
    }
}

/// What work beside the consumers may do with the broker.
public struct Backstage: Sendable {
    let link: Link<ConsumeRole>
    let publisher: Publisher

    /// Publishes messages and returns when they are confirmed, however long that takes.
    /// - Throws: `CancellationError` when the service stops meanwhile.
    public func publish(_ messages: [OutgoingMessage]) async throws(CancellationError) {
        try await publisher.publish(messages)
    }

    /// The number of messages that wait in a queue of ours; `nil` while the broker can't be asked.
    public func waiting(in queue: String) async -> Int? {
        await link.perform { role, connection throws(AMQPError) in try role.waiting(in: queue, on: &connection) } ?? nil
    }
}

/// How long the batches in work have been with their handlers.
final class Stopwatch: Sendable {
    private let starts = Mutex<[ObjectIdentifier: ContinuousClock.Instant]>([:])

    private final class Run {}

    /// Times `body`.
    func time<T>(_ body: () async throws -> T) async rethrows -> T {
        let run = Run()
        starts.withLock { $0[ObjectIdentifier(run)] = .now }
        defer { starts.withLock { $0[ObjectIdentifier(run)] = nil } }
        return try await body()
    }

    /// Ends the process when a handler hangs: the broker then gives its messages to others.
    func endHanging(after limit: Duration, _ service: ServiceContext) async {
        while (try? await Task.sleep(for: min(limit / 4, .seconds(5)))) != nil {
            let oldest = starts.withLock { $0.values.min() }
            if let oldest, ContinuousClock.now - oldest > limit { service.giveUp("a handler hangs") }
        }
    }
}
