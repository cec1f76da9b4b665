import AMQP
import Contract
import Logging
import ServiceLifecycle

/// Handles what arrives for one subscription: effect stored, messages out and confirmed, then acknowledged.
struct Worker: Sendable {
    let index: Int
    let subscription: Subscription
    let inbox: Inbox
    let link: Link<ConsumeRole>
    let publisher: Publisher
    let replier: Replier
    let stopwatch: Stopwatch
    let quarantine: Quarantine
    /// Fails while what the handler needs is away.
    let probe: @Sendable () async throws -> Void
    let service: ServiceContext
    let telemetry: QueueTelemetry

    /// How long messages are held while a dependency is away; then they go back to their queue, since the broker
    /// closes channels that hold one for 30 minutes.
    private static let longestHold = Duration.seconds(180)

    /// Handles batches until the inbox is closed.
    func run() async {
        while let batch = await inbox.take(subscription.batchLimit) {
            do {
                try await process(batch)
            } catch is CancellationError {
                return
            } catch {
                await giveBack(until: error)
            }
        }
    }

    private func process(_ batch: [Delivery]) async throws {
        try await CrashPoints.within(subscription.queue, batch) {
            let start = ContinuousClock.now
            telemetry.begin(batch)
            defer { telemetry.end(batch) }
            CrashPoints.pass(.received)
            var fresh = batch.filter { subscription.isQuery ? isFresh($0) : !Quarantine.isDue($0) }
            var trace = service.tracer.map { BatchTrace(fresh, from: subscription.queue, $0) }
            if let trace { fresh = trace.deliveries }
            let verdicts = fresh.isEmpty ? [] : try await judge(fresh)
            CrashPoints.pass(.stored)
            var messages: [OutgoingMessage] = []
            for (index, (delivery, verdict)) in zip(fresh, verdicts).enumerated() {
                let next = service.consequences(of: verdict, for: delivery, replier, isQuery: subscription.isQuery)
                messages += trace?.conclude(index, verdict, next) ?? next
            }
            if fresh.count < batch.count, !subscription.isQuery {
                messages += quarantine.admit(batch.filter(Quarantine.isDue))
            }
            try await publisher.publish(messages)
            CrashPoints.pass(.confirmed)
            trace?.confirm()
            let index = index
            link.performLater { role, connection throws(AMQPError) in
                try role.acknowledge(batch, of: index, on: &connection)
                CrashPoints.pass(.acked)
            }
            telemetry.handled(batch.count, within: ContinuousClock.now - start)
            trace?.end()
            await subscription.confirmed?(messages)
        }
    }

    /// Queries are worth an answer only while somebody waits for it, and none that its consumers don't survive.
    private func isFresh(_ delivery: Delivery) -> Bool {
        ContinuousClock.now - delivery.arrival < .milliseconds(Topology.queryTimeToLive)
            && delivery.returns < Quarantine.longestPatience
    }

    /// Asks the handler, waits while its dependency is away, and finds out which message spoils a batch.
    private func judge(_ deliveries: [Delivery]) async throws -> [Verdict] {
        let start = ContinuousClock.now
        var batch = deliveries
        var attempt = 0
        while true {
            do {
                let verdicts = try await stopwatch.time { try await service.handle(batch, by: subscription) }
                service.health.report(subscription.queue, nil)
                return verdicts
            } catch let away as DependencyAway {
                service.health.report(subscription.queue, away.description)
                service.logger.warning("waiting for \(away.name)", metadata: ["error": "\(away.reason)"])
                if ContinuousClock.now - start > Self.longestHold { throw away }
                try await cancelWhenGracefulShutdown { [attempt] in
                    try await Task.sleep(for: min(Backoff.delay(attempt), .seconds(5)))
                }
                attempt += 1
                batch = batch.map(\.again)
            } catch let error as CancellationError {
                throw error
            } catch {
                if batch.count == 1 { return [Verdict(failure: error)] }
                var verdicts: [Verdict] = []
                for delivery in batch { verdicts += try await judge([delivery.again]) }
                return verdicts
            }
        }
    }

    /// Gives the subscription's messages back, and consumes again when the dependency is back, not before: each time costs
    /// the messages one of the returns after which they are suspect.
    private func giveBack(until error: any Error) async {
        service.logger.warning(
            "messages given back", metadata: ["queue": "\(subscription.queue)", "error": "\(error)"])
        let index = index
        await link.perform { role, connection throws(AMQPError) in try role.giveBack(index, on: &connection) }
        let isBack: Void? = try? await cancelWhenGracefulShutdown {
            repeat { try await Task.sleep(for: .seconds(5)) } while await isAway()
        }
        guard isBack != nil else { return }
        await link.perform { role, connection throws(AMQPError) in try role.resume(index, on: &connection) }
    }

    private func isAway() async -> Bool {
        do {
            try await probe()
            return false
        } catch {
            service.health.report(subscription.queue, "\(error)")
            return true
        }
    }
}

extension ServiceContext {
    /// What is to be published because of a verdict; replies are sent at once. Logs and counts a failure.
    func consequences(
        of verdict: Verdict, for delivery: Delivery, _ replier: Replier, isQuery: Bool = false
    ) -> [OutgoingMessage] {
        switch verdict {
        case .done(let publishing, let replies):
            replier.send(replies)
            return publishing + (delivery.replayed.map { [$0] } ?? [])
        case .tryLater(let error):
            log(delivery, "failed", error)
            if isQuery { return [] }
            let next = delivery.retried(error, on: ladder, by: name)
            if next.exchange == Exchange.deadLetters {
                telemetry.deadLettered(delivery.queue, DeadLetterReason.exhausted)
            } else {
                telemetry.retried(delivery.queue, attempt: delivery.attempts + 1)
            }
            return [next]
        case .deadLetter(let reason, let detail):
            log(delivery, reason, detail)
            if isQuery { return [] }
            telemetry.deadLettered(delivery.queue, reason)
            return [delivery.deadLetter(reason: reason, detail: detail, by: name)]
        }
    }

    private func log(_ delivery: Delivery, _ reason: String, _ error: String) {
        logger.warning(
            "message failed",
            metadata: [
                "queue": "\(delivery.queue)", "message_id": "\(delivery.message.messageID ?? "-")",
                "attempts": "\(delivery.attempts + 1)", "reason": "\(reason)", "error": "\(error.prefix(500))",
            ])
    }
}

extension Verdict {
    /// What becomes of a message whose handling failed: what can't be read is a dead letter at once, anything else is
    /// tried again.
    public init(failure: any Error) {
        if let unreadable = failure as? Unreadable {
            self = .deadLetter(reason: unreadable.reason.rawValue, detail: unreadable.detail)
        } else {
            self = .tryLater("\(failure)")
        }
    }
}
