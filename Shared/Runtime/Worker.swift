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
    let service: ServiceContext

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
        let start = ContinuousClock.now
        service.telemetry.inFlight(subscription.queue, by: batch.count)
        defer { service.telemetry.inFlight(subscription.queue, by: -batch.count) }
        let fresh = subscription.isQuery ? batch.filter(isFresh) : batch
        let verdicts = fresh.isEmpty ? [] : try await judge(fresh)
        var messages: [OutgoingMessage] = []
        for (delivery, verdict) in zip(fresh, verdicts) {
            switch verdict {
            case .done(let publishing, let replies):
                messages += publishing
                replier.send(replies)
            case .tryLater(let error):
                failed(delivery, "failed", error)
                if !subscription.isQuery {
                    messages.append(delivery.retried(error, on: service.ladder, by: service.name))
                }
            case .deadLetter(let reason, let detail):
                failed(delivery, reason, detail)
                if !subscription.isQuery {
                    messages.append(delivery.deadLetter(reason: reason, detail: detail, by: service.name))
                }
            }
        }
        try await publisher.publish(messages)
        count(messages)
        await link.perform { role, connection throws(AMQPError) in
            try role.acknowledge(batch, of: index, on: &connection)
        }
        service.telemetry.consumed(subscription.queue, batch.count, took: ContinuousClock.now - start)
    }

    /// Queries are worth an answer only while somebody waits for it.
    private func isFresh(_ delivery: Delivery) -> Bool {
        ContinuousClock.now - delivery.arrival < .milliseconds(Topology.queryTimeToLive)
    }

    /// Asks the handler, waits while its dependency is away, and finds out which message spoils a batch.
    private func judge(_ deliveries: [Delivery]) async throws -> [Verdict] {
        let start = ContinuousClock.now
        var batch = deliveries
        var attempt = 0
        while true {
            do {
                let verdicts = try await stopwatch.time { try await subscription.handle(batch) }
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

    /// Gives the subscription's messages back, waits for the dependency by itself, and consumes again.
    private func giveBack(until error: any Error) async {
        service.logger.warning(
            "messages given back", metadata: ["queue": "\(subscription.queue)", "error": "\(error)"])
        let index = index
        await link.perform { role, connection throws(AMQPError) in try role.giveBack(index, on: &connection) }
        let hasWaited: Void? = try? await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(30)) }
        guard hasWaited != nil else { return }
        await link.perform { role, connection throws(AMQPError) in try role.resume(index, on: &connection) }
    }

    private func failed(_ delivery: Delivery, _ reason: String, _ error: String) {
        service.logger.warning(
            "message failed",
            metadata: [
                "queue": "\(delivery.queue)", "message_id": "\(delivery.message.messageID ?? "-")",
                "attempts": "\(delivery.attempts + 1)", "reason": "\(reason)", "error": "\(error.prefix(500))",
            ])
    }

    private func count(_ messages: [OutgoingMessage]) {
        for message in messages {
            if message.exchange == Exchange.deadLetters {
                service.telemetry.deadLettered(
                    subscription.queue, message.message.headers[FailureHeader.reason]?.text ?? "")
            } else if message.exchange.hasPrefix("retry.") {
                service.telemetry.retried(subscription.queue)
            }
        }
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
