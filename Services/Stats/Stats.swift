import ArgumentParser
import Contract
import Redis
import Runtime

/// Counts what was confirmed, rejected and cancelled, once each, and owns Redis.
@main
struct Stats: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Keeps the figures of the report in Redis; with a subcommand, checks them or makes them anew.",
        discussion: Settings.help(
            port: 8084,
            more: [
                "REDIS_URL": "redis://[user:password@]host[:port][/db] (redis://127.0.0.1:6379/0)",
                "REPORT_TIME_ZONE": "in which a day of the report begins and ends (America/Bogota)",
            ]),
        subcommands: [Verify.self, Rebuild.self])

    func run() async {
        await runService("stats", defaultPort: 8084) { service in
            let zone = service.settings.text("REPORT_TIME_ZONE", default: "America/Bogota")
            guard let calendar = Calendar(timeZone: zone) else {
                throw WrongSetting("REPORT_TIME_ZONE", "'\(zone)' is no time zone that this system knows")
            }
            let address = try RedisAddress(of: service.settings)
            let projection = Projection(address: address)
            let durability = Durability(address: address, logger: service.logger)
            let checkpoints = Checkpoints(
                projection: projection, isFast: service.settings.fastRetry, logger: service.logger)
            return ServicePlan(
                [
                    Subscription(QueueName.figures) { batch in
                        try await count(batch, projection, calendar)
                    },
                    // Few at a time, so that they are taken in about as they were made.
                    Subscription(QueueName.checkpoints, batchLimit: 1, handle: checkpoints.handle),
                    Subscription(QueueName.reports, isQuery: true) { batch in
                        try await answer(batch, projection)
                    },
                ], prepare: projection.prepare, background: { _ in await durability.check() })
        }
    }
}

extension RedisAddress {
    /// The address that `REDIS_URL` names.
    /// - Throws: ``WrongSetting`` if it is none.
    init(of settings: Settings) throws(WrongSetting) {
        do {
            self = try RedisAddress(url: settings.text("REDIS_URL", default: "redis://127.0.0.1:6379/0"))
        } catch {
            throw WrongSetting("REDIS_URL", "\(error)")
        }
    }
}

/// Step 4 of a booking: outcomes and candies are counted, a batch in one atomic step.
private func count(_ batch: [Delivery], _ projection: Projection, _ calendar: Calendar) async throws -> [Verdict] {
    let readings = batch.map { delivery in
        Result { () throws(Unreadable) in try Counted(delivery, calendar) }
    }
    try await projection.apply(readings.compactMap { try? $0.get() })
    return readings.map { reading in
        if case .failure(let unreadable) = reading { Verdict(failure: unreadable) } else { .done() }
    }
}

private func answer(_ batch: [Delivery], _ projection: Projection) async throws -> [Verdict] {
    var verdicts: [Verdict] = []
    for delivery in batch {
        do {
            let report = try await projection.report(ReportQuery.read(delivery.body))
            verdicts.append(.done(replies: Reply.to(delivery, report)))
        } catch let error as CommandError {
            verdicts.append(.done(replies: Reply.to(delivery, error.reply)))
        }
    }
    return verdicts
}
