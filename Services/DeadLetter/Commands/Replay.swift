import ArgumentParser
import Client
import Contract
import Synchronization
import Terminal
import UnixSignals

/// `dead-letter replay`
struct Replay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Sends letters back to the queues they came from.",
        discussion: """
            They keep their ids, so that what took effect already is not done twice. By default 1 is sent, then 2, 5, 20, 100 \
            and 500 at a time, each when all before have taken effect; one that fails again is a dead letter at once, \
            and more than --most-failures of them stop the replay. Interrupted with Ctrl-C it is stopped; --resume goes on.

            Examples:
              dead-letter replay 9abe5317cd6b4fa1
              dead-letter replay --group 5c1e0f7a9b3d2e44 --dry-run
              dead-letter replay --reason retries_exhausted --since 1d --rate 50
              dead-letter replay --resume 3f0c1c5e-…

            Exit status: 0 all took effect, 1 refused, stopped, or some failed again, 130 interrupted.
            """)

    @Argument(help: ArgumentHelp("Only these letters.", valueName: "id"))
    var ids: [String] = []
    @OptionGroup var filter: SelectionOptions
    @Option(help: "canary, or all: as fast as --rate allows.")
    var pace: LetterQuestion.Pace = .canary
    @Option(help: ArgumentHelp("Letters a second at most.", valueName: "letters"))
    var rate: Int?
    @Option(help: ArgumentHelp("Stop when more than so many have failed again.", valueName: "letters"))
    var mostFailures = 0
    @Flag(help: "Only say what would be sent where.")
    var dryRun = false
    @Flag(help: "Don't wait for its end.")
    var noWait = false
    @Option(help: ArgumentHelp("Go on with a stopped replay, or watch a running one.", valueName: "replay"))
    var resume: String?
    @Flag(name: .customLong("list"), help: "Show the latest replays.")
    var isListing = false
    @OptionGroup var signature: Signature
    @Flag(name: [.long, .customShort("y")], help: "Don't ask.")
    var yes = false
    @OptionGroup var desk: DeskOptions

    func validate() throws {
        if resume == nil, !isListing, !filter.selection(ids).isNarrow {
            throw ValidationError("Say which letters; --status open means every open one.")
        }
        if let rate, !(1...100_000).contains(rate) { throw ValidationError("--rate must be from 1 to 100000.") }
        if mostFailures < 0 { throw ValidationError("--most-failures must not be negative.") }
    }

    func run() async throws {
        try await desk.connected { asker throws(ClientError) in
            if isListing { return try await showAll(asker) }
            guard let report = try await begin(asker) else { return ExitCode(1) }
            if dryRun { return .success }
            if noWait {
                Output.standard.line("replay \(report.replay): \(Figures.count(report.letters)) letters")
                return .success
            }
            return try await ReplayProgress(asker: asker, sign: signature.sign).follow(report)
        }
    }

    private func begin(_ asker: Asker) async throws(ClientError) -> ReplayReport? {
        var question = LetterQuestion()
        if let resume {
            question.replay = resume
            return try await asker.ask(.resume, signature.sign(question), as: ReplayReport.self)
        }
        question.selection = filter.selection(ids)
        question.dryRun = true
        guard let plan = try await asker.ask(.replay, question, as: ReplayPlan.self) else { return nil }
        show(plan)
        if dryRun { return ReplayReport.none }
        if plan.letters > 1, !isConfirmed("Send them?", unless: yes) { return nil }
        question.dryRun = nil
        question.pace = pace
        question.rate = rate
        question.mostFailures = mostFailures
        return try await asker.ask(.replay, signature.sign(question), as: ReplayReport.self)
    }

    private func show(_ plan: ReplayPlan) {
        for share in plan.queues { Output.standard.line("\(Figures.count(share.letters)) to \(share.queue.printable)") }
        for share in plan.refused {
            Output.error.line(
                "\(Figures.count(share.letters)) of \(share.queue.printable) can't be sent: it is no queue of Caramelo's"
            )
        }
        if plan.queues.isEmpty { Output.standard.line("There is no open letter that can be sent.") }
    }

    private func showAll(_ asker: Asker) async throws(ClientError) -> ExitCode {
        guard let list = try await asker.ask(.replays, LetterQuestion(), as: ReplayList.self) else {
            return ExitCode(1)
        }
        guard !list.replays.isEmpty else {
            Output.standard.line("No replays.")
            return .success
        }
        var table = Table([
            .text("REPLAY"), .text("AT (UTC)"), .text("BY"), .text("STATE"), .number("LETTERS"), .number("SENT"),
            .number("TOOK EFFECT"), .number("FAILED AGAIN"), .text(""),
        ])
        for replay in list.replays {
            table.add([
                .init(replay.replay, .bold), .init(replay.at.short), .init((replay.by ?? "-").cut(to: 20)),
                .init(replay.state.rawValue, replay.state == .stopped ? .yellow : .green),
                .init(Figures.count(replay.letters)), .init(Figures.count(replay.sent)),
                .init(Figures.count(replay.succeeded)), .init(Figures.count(replay.failed), .red),
                .init((replay.note ?? "").cut(to: 40)),
            ])
        }
        table.write(to: .standard)
        return .success
    }
}

extension LetterQuestion.Pace: ExpressibleByArgument {}

extension ReplayReport {
    /// Of a dry run.
    fileprivate static let none = ReplayReport(
        replay: "", state: .finished, note: nil, letters: 0, position: 0, sent: 0, succeeded: 0, failed: 0, by: nil,
        why: nil, at: .now)
}

/// Shows how far a replay is until it ends, is stopped, or somebody presses Ctrl-C.
struct ReplayProgress {
    let asker: Asker
    let sign: (LetterQuestion) -> LetterQuestion

    func follow(_ first: ReplayReport) async throws(ClientError) -> ExitCode {
        do throws(ClientError) { return try await watch(first) } catch {
            Output.error.line("The replay goes on by itself; to watch it: dead-letter replay --resume \(first.replay)")
            throw error
        }
    }

    private func watch(_ first: ReplayReport) async throws(ClientError) -> ExitCode {
        var question = LetterQuestion()
        question.replay = first.replay
        var report = first
        var bar = ProgressBar("replay", total: first.letters, output: .error)
        let interrupted = Interruption()
        while report.state == .running {
            bar.show(report.position, note: note(report))
            if interrupted.isThere {
                bar.finish()
                _ = try await asker.ask(.pause, sign(question), as: ReplayReport.self)
                Output.error.line("Stopped. To go on: dead-letter replay --resume \(report.replay)")
                return ExitCode(130)
            }
            try? await Task.sleep(for: .milliseconds(250))
            guard let list = try await asker.ask(.replays, question, as: ReplayList.self), let now = list.replays.first
            else { return ExitCode(1) }
            report = now
        }
        bar.show(report.position, note: note(report))
        bar.finish()
        return end(report)
    }

    private func note(_ report: ReplayReport) -> String {
        let outstanding = report.sent - report.succeeded - report.failed
        return "\(Figures.count(report.succeeded)) took effect, \(Figures.count(report.failed)) failed again"
            + (outstanding > 0 ? ", waiting for \(Figures.count(outstanding))" : "")
    }

    private func end(_ report: ReplayReport) -> ExitCode {
        let output = Output.standard
        let isWell = report.state == .finished && report.failed == 0
        let rest = report.letters - report.position
        output.line(
            output.styled(isWell ? "✔ " : "✘ ", isWell ? .green : .red)
                + "\(Figures.count(report.sent)) sent, \(note(report))"
                + (rest > 0 ? ", \(Figures.count(rest)) not sent" : ""))
        if report.state == .stopped {
            output.line(
                "  \((report.note ?? "stopped").printable); to go on: dead-letter replay --resume \(report.replay)")
        }
        return isWell ? .success : ExitCode(1)
    }
}

/// Whether Ctrl-C was pressed.
final class Interruption: Sendable {
    private let flag = Flag()
    private let task: Task<Void, Never>

    private final class Flag: Sendable {
        let value = Mutex(false)
    }

    init() {
        let flag = self.flag
        task = Task {
            for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) { flag.value.withLock { $0 = true } }
        }
    }

    deinit { task.cancel() }

    var isThere: Bool { flag.value.withLock { $0 } }
}
