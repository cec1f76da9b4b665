import Contract
import Redis
import Runtime

/// The figures in Redis.
struct Projection: Sendable {
    /// One for counting and one for reports, which so don't wait for a backlog.
    private let counting: RedisConnection
    private let reading: RedisConnection

    init(address: RedisAddress) {
        counting = RedisConnection(address: address)
        reading = RedisConnection(address: address)
    }

    /// Throws ``DependencyAway`` unless Redis answers.
    func check() async throws {
        _ = try await orAway { try await reading.command("PING") }
    }

    /// Counts events that have not been counted yet, all in one step.
    func apply(_ changes: [Change]) async throws {
        if changes.isEmpty { return }
        let arguments = changes.flatMap(\.arguments)
        _ = try await orAway { try await counting.evaluate(Scripts.count, keys: [], arguments: arguments) }
    }

    /// The report that was asked for, as of one moment.
    func report(_ query: ReportQuery) async throws -> Report {
        let arguments = [query.destination ?? "", query.from?.description ?? "", query.to?.description ?? ""]
        let reply = try await orAway { try await reading.evaluate(Scripts.report, keys: [], arguments: arguments) }
        let parts = reply.elements ?? []
        var report = Report()
        for index in stride(from: 1, to: parts.count - 1, by: 2) {
            report.add(Self.figures(parts[index + 1]), of: parts[index].string ?? "")
        }
        report.sortDestinations()
        if query.isUnfiltered {
            report.customers = parts.first?.string.flatMap { Int($0) } ?? 0
            report.preferredDestination = report.destinations.first?.destination
        }
        return report
    }

    private static func figures(_ reply: RedisReply) -> [String: Int] {
        let texts = (reply.elements ?? []).compactMap(\.string)
        var figures: [String: Int] = [:]
        for index in stride(from: 0, to: texts.count - 1, by: 2) { figures[texts[index]] = Int(texts[index + 1]) }
        return figures
    }

    private func orAway(_ body: () async throws -> RedisReply) async throws -> RedisReply {
        do { return try await body() } catch let error as RedisError where error.isDependencyAway {
            throw DependencyAway("Redis", error)
        }
    }
}

extension Report {
    /// Adds the figures of one destination, which is listed if it has bookings; its name is empty where it was invalid.
    fileprivate mutating func add(_ figures: [String: Int], of destination: String) {
        func figure(_ name: String) -> Int { figures[name, default: 0] }
        bookingsConfirmed += figure("bookings")
        bookingsRejected += figure("rejected")
        bookingsCancelled += figure("cancelled")
        totalCollected += figure("collected")
        taxCollected += figure("tax")
        discounts += figure("discounts")
        pets += figure("pets")
        infants += figure("infants")
        promotions += figure("promotions")
        candies.count += figure("candies")
        candies.cost += figure("candy_cost")
        loyaltyPoints += figure("points")
        guard figure("bookings") > 0 else { return }
        destinations.append(
            Line(
                destination: destination, bookings: figure("bookings"), collected: figure("collected"),
                tax: figure("tax")))
    }
}
