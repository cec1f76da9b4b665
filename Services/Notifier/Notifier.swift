import ArgumentParser
import Contract
import Logging
import Runtime

/// Tells the customer: one log line for each outcome and welcome.
@main
struct Notifier: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "notifier",
        abstract: "Announces outcomes to the customer.",
        discussion: Settings.help(port: 8085))

    func run() async {
        await runService("notifier", defaultPort: 8085) { service in
            let logger = service.logger
            return ServicePlan([
                Subscription(each: QueueName.notifications) { delivery in try notify(delivery, logger) }
            ])
        }
    }
}

private func notify(_ delivery: Delivery, _ logger: Logger) throws -> Verdict {
    if delivery.routingKey == RoutingKey.customerRegistered {
        let customer = try JSON.decode(CustomerRegistered.self, from: delivery.body)
        logger.info(
            "welcome", metadata: ["request_id": "\(customer.requestID)", "email": "\(customer.email)"])
        return .done()
    }
    let outcome = try JSON.decode(BookingOutcome.self, from: delivery.body)
    logger.info(
        "outcome announced",
        metadata: [
            "request_id": "\(outcome.requestID)", "booking_number": "\(outcome.bookingNumber)",
            "event_id": "\(outcome.eventID)", "status": "\(outcome.status.rawValue)",
            "reason": "\(outcome.reason?.rawValue ?? "-")", "email": "\(outcome.email ?? "-")",
        ])
    return .done()
}
