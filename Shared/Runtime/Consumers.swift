import AMQP
import Glibc
import Logging
import ServiceLifecycle

/// The consuming side of a service: its connections, its workers, and how they start and end.
struct Consumers: Service {
    private let plan: ServicePlan
    private let service: ServiceContext
    private let inboxes: [Inbox]
    private let link: Link<ConsumeRole>
    private let publisher: Publisher
    private let replier: Replier

    /// Time between declarations of the topology, for what somebody deletes meanwhile.
    private static let declarationInterval = Duration.seconds(30)
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
        replier = Replier(service: service)
    }

    /// Prepares, consumes until the service is to stop, drains, and says goodbye to the broker.
    func run() async {
        guard await prepare() else { return }
        service.health.report("service", nil)
        await withTaskGroup { group in
            group.addTask { await publisher.link.run() }
            group.addTask { await replier.link.run() }
            group.addTask { await link.run() }
            group.addTask { await declareRegularly() }
            group.addTask { await plan.background() }
            group.addTask { await drainOnShutdown() }
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
                let worker = Worker(
                    index: index, subscription: subscription, inbox: inboxes[index], link: link, publisher: publisher,
                    replier: replier, service: service)
                for _ in 0..<subscription.workers { group.addTask { await worker.run() } }
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

    private func declareRegularly() async {
        while (try? await Task.sleep(for: Self.declarationInterval)) != nil {
            await link.perform { role, connection throws(AMQPError) in try role.declareTopology(on: &connection) }
        }
    }
}
