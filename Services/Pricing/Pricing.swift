import ArgumentParser
import Contract
import Runtime

/// Step 2 of a booking: `booking.accepted` gets its price. Stateless: everything it needs is in the message.
@main
struct Pricing: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pricing",
        abstract: "Prices accepted bookings: promotion, taxes, pets; answers quotes.",
        discussion: Settings.help(port: 8082))

    func run() async {
        await runService("pricing", defaultPort: 8082) { _ in
            ServicePlan([
                Subscription(each: QueueName.accepted, handle: price),
                Subscription(each: QueueName.quotes, isQuery: true, handle: quote),
            ])
        }
    }
}

private func price(_ delivery: Delivery) throws -> Verdict {
    let accepted = try JSON.decode(BookingAccepted.self, from: delivery.body)
    return .done([.event(BookingPriced(accepted, price: accepted.price), causedBy: delivery)])
}

private func quote(_ delivery: Delivery) throws -> Verdict {
    let asked = try JSON.decode(QuoteFared.self, from: delivery.body)
    let quote = Quote(destination: asked.destination, price: asked.price)
    return .done(replies: Reply.to(delivery, quote, asked: RoutingKey.queryQuote))
}
