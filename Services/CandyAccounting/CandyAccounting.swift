import ArgumentParser
import Contract
import Metrics
import Runtime

/// Accounts candies for children: a confirmed booking in, `candy.accounted` out. Stateless.
@main
struct CandyAccounting: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "candy-accounting",
        abstract: "Accounts candies for children with a confirmed booking.",
        discussion: Settings.help(
            port: 8083,
            more: [
                "CANDY_MAX_AGE": "passengers younger than this get candies (12)",
                "CANDIES_PER_CHILD": "candies for each of them (3)",
                "CANDY_COST": "cost of one candy in minor units (50000)",
            ]))

    func run() async {
        await runService("candy-accounting", defaultPort: 8083) { service in
            let candies = Candies(
                maximumAge: service.settings.candyMaxAge,
                perChild: try service.settings.integer("CANDIES_PER_CHILD", default: 3, in: 0...1_000_000),
                cost: try service.settings.integer("CANDY_COST", default: 50_000, in: 0...1_000_000_000))
            return ServicePlan([
                Subscription(each: QueueName.candies, handle: candies.account),
                Subscription(each: QueueName.settled, handle: candies.complete),
            ])
        }
    }
}

/// The rules by which candies are given.
struct Candies: Sendable {
    let maximumAge: Int
    let perChild: Int
    let cost: Int
    private let given = Counter(label: "caramelo.candies")
    private let spent = Counter(label: "caramelo.candies.cost.cents")

    init(maximumAge: Int, perChild: Int, cost: Int) {
        self.maximumAge = maximumAge
        self.perChild = perChild
        self.cost = cost
    }

    func account(_ delivery: Delivery) throws -> Verdict {
        if delivery.routingKey == RoutingKey.bookingReplayed {
            let replayed = try BookingsReplayed.read(delivery.body)
            // Published also where nobody gets any: stats waits for every part.
            let again = CandiesReplayed(
                generation: replayed.generation, part: replayed.part,
                candies: replayed.outcomes.compactMap(candies(of:)))
            return .done([.between(services: RoutingKey.candyReplayed, again, causedBy: delivery)])
        }
        let outcome = try JSON.decode(BookingOutcome.self, from: delivery.body)
        guard let accounted = candies(of: outcome) else { return .done() }
        if !delivery.isRepeat {
            given.increment(by: accounted.count)
            spent.increment(by: accounted.cost)
        }
        return .done([.event(accounted, causedBy: delivery)])
    }

    /// Tells stats who of the settled bookings gets candies, so that it notices when some are missing.
    func complete(_ delivery: Delivery) throws -> Verdict {
        var checkpoint = try JSON.decode(FiguresCheckpoint.self, from: delivery.body)
        checkpoint.candyMaxAge = maximumAge
        return .done([.between(services: RoutingKey.figuresCheckpoint, checkpoint, causedBy: delivery)])
    }

    /// A cancellation needs nothing from here: stats takes back exactly what it had added.
    private func candies(of outcome: BookingOutcome) -> CandyAccounted? {
        guard outcome.status == .confirmed, let age = outcome.passengerAge, age < maximumAge,
            let destination = outcome.destination
        else { return nil }
        return CandyAccounted(
            requestID: outcome.requestID, bookingNumber: outcome.bookingNumber, destination: destination,
            count: perChild, cost: perChild * cost, confirmedAt: outcome.occurredAt)
    }
}
