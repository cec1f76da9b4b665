import ArgumentParser
import Foundation
import Support
import Terminal

/// Measures how fast bookings are made, and what that takes.
@main
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "caramelo-bench",
        abstract: "Measures how fast bookings are made, and what that takes.",
        discussion: """
            It starts services of its own, as they are shipped and with their defaults, on private servers. First it sends \
            requests as fast as the broker confirms them, several rounds; then at the rates that --rates names; then it \
            starts each service while messages wait for it.

            Every message is persistent and published with confirms, every queue a quorum queue. Latency is counted from \
            when a request was due, however late it could be sent, until its outcome arrived (HdrHistogram, three digits).

            Exit status: 0 done, 1 something sent has no outcome or was not counted, 2 wrong usage, 3 the run itself failed.
            """)

    @Option(help: "How many requests each round of the throughput sends.")
    var count = 20_000
    @Option(help: "How many rounds; the middle one counts. 0 leaves the throughput out.")
    var rounds = 3
    @Option(
        help: ArgumentHelp(
            "Requests a second to measure latency at, separated by commas, or none.", valueName: "list"),
        transform: Self.rates)
    var rates = Rates(perSecond: [100, 500, 1_000])
    @Option(help: "How long each rate is kept up, and each scene of --why.")
    var seconds = 20
    @Option(help: "How often each service is started while messages wait for it; 0 leaves that out.")
    var starts = 3
    @Option(help: ArgumentHelp("Also: how a backlog of so many requests is worked off.", valueName: "requests"))
    var backlog: Int?
    @Option(help: ArgumentHelp("How many bookings are stored already.", valueName: "bookings"))
    var stored = 0
    @Option(help: "How many of every service.")
    var replicas = 1
    @Flag(help: "Also: the broker's own limit, by messages that take a booking's way while nothing is done with them.")
    var raw = false
    @Flag(
        help: """
            Instead: what callers notice while a service or PostgreSQL is slow or down, at the first of --rates (DECISION.md).
            """)
    var why = false
    @Option(
        help: ArgumentHelp(
            "Services that run already, by their broker: sends load only, and cancels at the end what it has booked.",
            valueName: "url"))
    var against: String?
    @Flag(help: "With --against: really book there.")
    var yes = false
    @Flag(help: "Print the results as JSON; progress goes to standard error.")
    var json = false
    @Flag(help: ArgumentHelp("Only look whether the options are right.", visibility: .hidden))
    var dryRun = false
    @Option(help: ArgumentHelp("Where the page and the JSON of the results go.", valueName: "folder"))
    var report = ".local/bench"

    /// What `--rates` takes.
    struct Rates: Sendable {
        let perSecond: [Int]
    }

    private static func rates(_ list: String) throws -> Rates {
        if list == "none" { return Rates(perSecond: []) }
        return Rates(
            perSecond: try list.split(separator: ",", omittingEmptySubsequences: false).map { part in
                guard let rate = Int(part), 1...100_000 ~= rate else {
                    throw ValidationError(
                        "'\(part)' is no rate: whole numbers from 1 to 100000, such as 100,500, or none")
                }
                return rate
            })
    }

    func validate() throws {
        func check(_ name: String, _ value: Int, _ range: ClosedRange<Int>) throws {
            guard range ~= value else {
                throw ValidationError("--\(name) must be from \(range.lowerBound) to \(range.upperBound).")
            }
        }
        try check("count", count, 1...10_000_000)
        try check("rounds", rounds, 0...100)
        try check("seconds", seconds, 1...86_400)
        try check("starts", starts, 0...100)
        try check("backlog", backlog ?? 10, 10...10_000_000)
        try check("stored", stored, 0...1_000_000_000)
        try check("replicas", replicas, 1...16)
        let isPrivate = raw || why || backlog != nil || stored > 0 || replicas > 1
        guard against == nil || !isPrivate else {
            throw ValidationError(
                "--against sends load to services as they are: leave --raw, --why, --backlog, --stored and --replicas out."
            )
        }
        guard against != nil || !yes else { throw ValidationError("--yes belongs to --against.") }
        guard !why || !rates.perSecond.isEmpty else { throw ValidationError("--why needs one rate in --rates.") }
        let isSomething = rounds > 0 || !rates.perSecond.isEmpty || against == nil && (backlog != nil || starts > 0)
        guard isSomething else { throw ValidationError("--rounds 0 and --rates none leave nothing to do.") }
    }

    /// The exit statuses are our own: ArgumentParser's for wrong usage is 64.
    static func main() async {
        do {
            try await parse().run()
        } catch let error as RunFailure {
            Output.error.line("caramelo-bench: \(error)")
            Foundation.exit(3)
        } catch {
            let status = exitCode(for: error)
            if status == .validationFailure {
                Output.error.line(fullMessage(for: error))
                Foundation.exit(2)
            }
            exit(withError: error)
        }
    }

    func run() async throws {
        if dryRun { return }
        if let against, !yes { try askForYes(against) }
        let log = ProgressLog(to: json ? .error : .standard)
        if why {
            let scenes = try await finish(log) {
                try await WhyRun(rate: rates.perSecond[0], seconds: seconds, log: log).run()
            }
            try show(scenes, "why", page: scenes.page, log) { scenes.write(to: .standard) }
            guard scenes.isComplete else { throw ExitCode(1) }
            return
        }
        let results = try await finish(log) {
            if let against { return try await DeploymentRun(plan: self, amqpURL: against, log: log).run() }
            return try await PrivateRun(plan: self, log: log).run()
        }
        try show(results, "bench", page: results.page, log) { results.write(to: .standard) }
        guard results.isComplete else { throw ExitCode(1) }
    }

    private func askForYes(_ url: String) throws {
        let requests = min(count, 1_000) + rounds * count + rates.perSecond.reduce(0) { $0 + $1 * seconds }
        Output.error.line(
            """
            It would send \(Figures.count(requests)) requests to \(withoutCredentials(url)): set up three destinations of its \
            own, book, and cancel every booking at the end. The destinations, 2,000 customers (500 points each) and the \
            cancelled bookings stay in the database and the report, and whoever listens hears of each booking. With --yes \
            it does.
            """)
        throw ExitCode(2)
    }

    /// What a run finds; SIGINT and SIGTERM end it in good order.
    private func finish<Value: Sendable>(
        _ log: ProgressLog, _ run: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let work = Task(operation: run)
        do {
            return try await interruptible(work, log)
        } catch let failure as RunFailure {
            throw failure
        } catch {
            throw RunFailure(work.isCancelled ? "interrupted" : "the run failed: \(error)")
        }
    }

    private func show(
        _ value: some Encodable, _ name: String, page: Page, _ log: ProgressLog, table: () -> Void
    ) throws {
        let folder = URL(filePath: report)
        try writeFiles(name, value, page: page, to: folder)
        if json { Output.standard.write(Array(try encoded(value))) } else { table() }
        for file in ["\(name).html", "\(name).json"] { log.line(folder.appending(path: file).path) }
    }
}
