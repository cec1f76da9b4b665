import AMQP
import ArgumentParser
import Contract
import Postgres
import Runtime

/// Accepts booking requests, confirms or rejects them, and owns PostgreSQL.
@main
struct BookingIntake: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "booking-intake",
        abstract: "Stores booking requests once, confirms or rejects them, and announces the outcome.",
        discussion: Settings.help(
            port: 8081,
            more: ["DATABASE_URL": "PostgreSQL, libpq's URI (postgres://postgres@127.0.0.1:5432/bookings)"]))

    func run() async {
        await runService("booking-intake", defaultPort: 8081) { service in
            let url = service.settings.text(
                "DATABASE_URL", default: "postgres://postgres@127.0.0.1:5432/bookings")
            if let problem = PostgresConnection.problem(inURL: url) { throw WrongSetting("DATABASE_URL", problem) }
            let files = service.settings.files
            let store = BookingStore(
                url: url,
                files: PostgresFiles(
                    authorities: files.authorities, certificate: files.certificate, key: files.key),
                logger: service.logger)
            let counters = BookingCounters()
            let cancellations = Cancellations(store: store, counters: counters, logger: service.logger)
            let requests = Requests(
                store: store, cancellations: cancellations, counters: counters, logger: service.logger)
            let prices = Prices(store: store, counters: counters, logger: service.logger)
            let changes = Changes(store: store, logger: service.logger)
            let queries = Queries(store: store)
            let sweeper = Sweeper(
                store: store, patience: .seconds(service.settings.fastRetry ? 12 : 120), logger: service.logger)
            let checkpoints = Checkpoints(
                store: store, interval: .seconds(service.settings.fastRetry ? 1 : 10), logger: service.logger)
            let replays = Replays(store: store)
            return ServicePlan(
                [
                    Subscription(QueueName.requests, isDirect: true, handle: requests.handle),
                    Subscription(
                        QueueName.prices, isDirect: true, confirmed: store.forgetAnnounced, handle: prices.handle),
                    Subscription(QueueName.changes, handle: changes.handle),
                    Subscription(QueueName.intakeQueries, isQuery: true, handle: queries.handle),
                    Subscription(QueueName.replays, batchLimit: 1, handle: replays.handle),
                ],
                prepare: store.migrate,
                background: { backstage in
                    async let forgetting: Void = store.forgetOldAskers()
                    replays.enter(backstage)
                    async let checkpointing: Void = checkpoints.run(backstage)
                    async let watching: Void = store.watch(service.health)
                    await sweeper.run(backstage)
                    await forgetting
                    await checkpointing
                    await watching
                })
        }
    }
}
