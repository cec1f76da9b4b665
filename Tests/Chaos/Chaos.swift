import ArgumentParser
import Foundation
import Support
import Terminal

/// Breaks everything under load and tells whether anything was lost or happened twice.
@main
struct Chaos: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "caramelo-chaos",
        abstract: "Breaks everything under load, heals it, and tells whether anything was lost or happened twice.",
        discussion: """
            It starts servers and services of its own. Commands and the schedule of faults repeat from the seed; \
            interleavings do not. With --amqp-url it sends the load to services that run elsewhere, breaks nothing, \
            and cancels at the end what it has booked.

            Faults:
            \(Fault.allCases.map { "  \($0.rawValue): \($0.description)" }.joined(separator: "\n"))

            Exit status: 0 nothing is wrong, 1 something is, 2 wrong usage, 3 the run itself failed.
            """)

    @Option(help: "How long to send commands and break things; with --rollout at most.")
    var seconds = 120
    @Option(help: ArgumentHelp("What commands and faults follow from (default: a random one).", valueName: "number"))
    var seed: UInt64?
    @Option(
        help: ArgumentHelp("Which faults, separated by commas, or none (default: all).", valueName: "list"),
        transform: Self.faults)
    var faults: Set<Fault>?
    @Option(help: "How many of every service.")
    var replicas = 2
    @Option(help: "How many commands a second.")
    var rate = 300
    @OptionGroup var rollout: Rollout
    @Option(
        help: ArgumentHelp(
            "It is wrong where less than 99 % of outcomes come within this time, in any ten seconds.",
            valueName: "seconds"))
    var maxP99: Double?
    @Flag(help: "Print the schedule of faults and do nothing.")
    var dryRun = false
    @Option(help: ArgumentHelp("Where report.html and report.json go.", valueName: "folder"))
    var report = ".local/chaos"
    @Option(
        help: ArgumentHelp("Services that run already, by their broker; nothing is broken there.", valueName: "url"))
    var amqpURL: String?
    @Flag(help: "With --amqp-url: really book there.")
    var yes = false
    @Option(
        help: ArgumentHelp(
            "An executable to take instead of a service's.", valueName: "service=path", visibility: .hidden))
    var replace: [Replacement] = []
    @Option(
        help: ArgumentHelp("How long what is missing is waited for.", valueName: "seconds", visibility: .hidden))
    var patience = 120

    func validate() throws {
        guard 1...86_400 ~= seconds else { throw ValidationError("--seconds must be from 1 to 86400.") }
        guard 1...10 ~= replicas else { throw ValidationError("--replicas must be from 1 to 10.") }
        guard 1...10_000 ~= rate else { throw ValidationError("--rate must be from 1 to 10000.") }
        guard rollout.way == nil || faults?.isEmpty != false && amqpURL == nil else {
            throw ValidationError(
                "--rollout replaces services of its own and breaks nothing: no --faults, no --amqp-url.")
        }
        guard amqpURL == nil || faults?.isEmpty != false else {
            throw ValidationError("--amqp-url breaks nothing: leave --faults out, and break things yourself meanwhile.")
        }
        guard amqpURL != nil || !yes else { throw ValidationError("--yes belongs to --amqp-url.") }
    }

    private static func faults(_ list: String) throws -> Set<Fault> {
        if list == "none" { return [] }
        return try Set(
            list.split(separator: ",").map { name in
                if let fault = Fault(rawValue: String(name)) { return fault }
                let all = Fault.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("there is no fault \(name); there are: \(all), none")
            })
    }

    /// The exit statuses are our own: ArgumentParser's for wrong usage is 64.
    static func main() async {
        do {
            try await parse().run()
        } catch let error as RunFailure {
            Output.error.line("caramelo-chaos: \(error)")
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
        let seed = seed ?? .random(in: 0..<1_000_000)
        let chosen = amqpURL == nil && rollout.way == nil ? faults ?? Set(Fault.allCases) : []
        if dryRun {
            Output.standard.line("--seed \(seed)")
            let schedule = Schedule(faults: chosen, seed: seed, seconds: Double(seconds), replicas: replicas)
            return schedule.lines.forEach(Output.standard.line)
        }
        let names = Fault.allCases.filter(chosen.contains).map(\.rawValue)
        let setup = Verdict.Setup(
            seed: seed, seconds: seconds, replicas: replicas, rate: rate, faults: names,
            deployment: amqpURL.map(withoutCredentials), rollout: rollout.setup)
        if let deployment = setup.deployment, !yes {
            Output.error.line(
                """
                It would send \(Figures.count(seconds * rate)) commands in \(seconds) s to \(deployment): set up \
                destinations and flights of its own, book, and cancel every booking at the end. The destinations, \
                flights, customers (500 points each) and cancelled bookings stay in the database and the report, and \
                whoever listens hears of each booking. With --yes it does.
                """)
            throw ExitCode(2)
        }
        let log = ProgressLog()
        log.line("Seed \(seed): --seed \(seed) sends the same commands and schedules the same faults again")
        let binaries = replace.reduce(into: rollout.binaries) { $0[$1.service] = $1.path }
        let work = Task {
            if let amqpURL { return try await DeploymentRun(setup: setup, amqpURL: amqpURL, log: log).run() }
            return try await PrivateRun(
                setup: setup, faults: chosen, rollout: rollout, binaries: binaries, maxP99: maxP99, log: log,
                patience: .seconds(patience)
            ).run()
        }
        let verdict: Verdict
        do {
            verdict = try await interruptible(work, log)
        } catch let error as ExitCode {
            throw error
        } catch {
            throw RunFailure(error is CancellationError ? "interrupted" : "the run failed: \(error)")
        }
        verdict.printTable()
        let folder = URL(filePath: report)
        try Report.write(verdict, to: folder)
        for name in ["report.html", "report.json"] { Output.standard.line(folder.appending(path: name).path) }
        guard verdict.isValid else { throw ExitCode(1) }
    }
}

/// An executable that takes a service's place.
struct Replacement: ExpressibleByArgument {
    let service: String
    let path: String

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        (service, path) = (String(parts[0]), String(parts[1]))
    }
}
