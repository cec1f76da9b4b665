import Contract
import Redis
import Runtime

/// In the place of `stats`: keeps whatever is delivered, and so counts twice what is delivered twice.
@main
struct CountsTwice {
    static func main() async {
        await runService("stats", defaultPort: 8084) { service in
            let url = service.settings.text("REDIS_URL", default: "redis://127.0.0.1")
            let events = Events(redis: RedisConnection(address: try RedisAddress(url: url)))
            return ServicePlan([
                Subscription(QueueName.figures) { batch in
                    try await events.keep(batch.map { String(decoding: $0.body, as: UTF8.self) })
                    return batch.map { _ in .done() }
                },
                Subscription(QueueName.checkpoints) { batch in batch.map { _ in .done() } },
                Subscription(QueueName.reports, isQuery: true) { batch in
                    let outcomes = try await events.outcomes()
                    return batch.map { question in
                        guard let query = try? ReportQuery.read(question.body) else { return .done() }
                        return .done(replies: Reply.to(question, Report(of: outcomes, query)))
                    }
                },
            ])
        }
    }
}

/// A list in Redis.
private struct Events: Sendable {
    let redis: RedisConnection

    func keep(_ events: [String]) async throws {
        do { _ = try await redis.command(["RPUSH", "events"] + events) } catch { throw DependencyAway("Redis", error) }
    }

    /// Those that are outcomes or cancellations; the candies follow from the passenger's age.
    func outcomes() async throws -> [BookingOutcome] {
        do {
            let list = try await redis.command("LRANGE", "events", "0", "-1").elements ?? []
            return list.compactMap { try? JSON.decode(BookingOutcome.self, from: Array(($0.string ?? "").utf8)) }
        } catch { throw DependencyAway("Redis", error) }
    }
}

extension Report {
    fileprivate init(of outcomes: [BookingOutcome], _ query: ReportQuery) {
        self.init()
        var lines: [String: Line] = [:]
        for outcome in outcomes {
            let destination = outcome.destination ?? ""
            // In Bogotá, where the clocks are never changed.
            let day = Day(of: outcome.confirmedAt ?? outcome.occurredAt, secondsFromGMT: -5 * 3600)
            guard query.destination ?? destination == destination, query.from ?? day <= day, query.to ?? day >= day
            else { continue }
            add(outcome, &lines[destination, default: Line(destination: destination)])
        }
        destinations = lines.values.filter { $0.bookings > 0 }
        sortDestinations()
        guard query.isUnfiltered else { return }
        customers = outcomes.count { $0.status == .confirmed && $0.firstBooking == true }
        preferredDestination = destinations.first?.destination
    }

    private mutating func add(_ outcome: BookingOutcome, _ line: inout Line) {
        bookingsRejected += outcome.status == .rejected ? 1 : 0
        bookingsCancelled += outcome.status == .cancelled ? 1 : 0
        guard let total = outcome.totalPrice, let tax = outcome.tax, let petTax = outcome.petTax else { return }
        let sign = outcome.status == .cancelled ? -1 : 1
        let isInfant = outcome.passengerAge.map(Infant.isInfant) == true
        let points = outcome.loyaltyPoints ?? 0
        // A cancellation does not take back what a first booking was given.
        let kept = sign < 0 && outcome.firstBooking == true ? Loyalty.firstBookingBonus : 0
        line.bookings += sign
        line.collected += sign * total
        line.tax += sign * (tax + petTax)
        bookingsConfirmed += sign
        totalCollected += sign * total
        taxCollected += sign * (tax + petTax)
        discounts += sign * (outcome.discount ?? 0)
        pets += outcome.hasPet == true ? sign : 0
        infants += isInfant ? sign : 0
        promotions += outcome.hasPromotion == true ? sign : 0
        candies.count += isInfant ? 3 * sign : 0
        candies.cost += isInfant ? 3 * 50_000 * sign : 0
        loyaltyPoints += sign * (points - kept)
    }
}
