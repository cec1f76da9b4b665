import ArgumentParser
import Client
import Contract
import Terminal
import UnixSignals

/// `bookings import`
struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Request many bookings from a file, and show what became of them.",
        discussion: """
            CSV: the first row names the columns, in any order: passenger_name, passenger_age, email, destination; \
            and, where wanted, request_id, has_pet, has_promotion (true, false, 1, 0, yes, no, sí), flight_id, \
            expires_at. Separated by commas, semicolons or tabs. JSON lines: a booking.request a line.

            Every row is checked before it is sent; one with a problem is listed and not sent, the others go on. \
            An interrupted import resumes when it is run again: what was booked is not booked twice. A row without \
            request_id gets one made of what it says and of how many such rows stand before it, so the same file has \
            the same ids. Equal rows of different files are the same request for that reason: where they are to be \
            booked again, as each week, name the --batch.

            Examples:
              bookings import november.csv
              bookings import --dry-run november.csv
              bookings import --batch 2026-W48 weekly.csv
              gunzip -c big.jsonl.gz | bookings import --rate 500 --json -

            Exit status: 0 all confirmed, 1 some refused or not sent, 2 some without outcome yet, 65 the file is \
            neither CSV with those columns nor JSON lines, 66 it can't be read, 130 interrupted.
            """)

    @Argument(help: "The file; - for standard input.")
    var file: String
    @Option(help: "csv or jsonl; by default as its name ends, else as it begins.")
    var format: ImportFile.Format?
    @Option(
        help: ArgumentHelp("Tells equal rows without request_id apart from those of other files.", valueName: "name"))
    var batch = ""
    @Option(help: ArgumentHelp("Send at most so many a second.", valueName: "rows"))
    var rate: Int?
    @Flag(name: .customLong("no-wait"), help: "Only hand them over to the broker.")
    var noWait = false
    @Flag(name: .customLong("dry-run"), help: "Only say what is wrong with the file.")
    var dryRun = false
    @OptionGroup var broker: Broker

    /// Whether outcomes are waited for.
    var isWaiting: Bool { !noWait && !dryRun }

    func validate() throws {
        if let rate, !(1...1_000_000).contains(rate) { throw ValidationError("--rate must be from 1 to 1000000.") }
    }

    private enum End: Sendable {
        case done(Result<Void, ImportFailure>)
        case signal(Int32)
        case stopped
    }

    func run() async throws {
        let run = ImportRun(self)
        let end = await withTaskGroup(of: End.self) { group in
            group.addTask { .done(await run.work()) }
            group.addTask {
                for await signal in await UnixSignalsSequence(trapping: .sigint, .sigterm) {
                    return .signal(signal == .sigint ? 130 : 143)
                }
                return .stopped
            }
            group.addTask {
                await showProgress(run.ledger)
                return .stopped
            }
            let end = await group.first { if case .stopped = $0 { false } else { true } }
            group.cancelAll()
            return end ?? .stopped
        }
        switch end {
        case .done(.success):
            try await finish(run.ledger, .complete, status: run.ledger.tally.status)
        case .done(.failure(let failure)):
            Output.error.line("bookings: \(failure.message.printable)")
            try await finish(run.ledger, .failed, status: failure.status)
        case .signal(let status):
            try await finish(run.ledger, .interrupted, status: status)
        case .stopped:
            break
        }
    }

    /// Says how far it is until it is cancelled.
    private func showProgress(_ ledger: ImportLedger) async {
        var progress = ImportProgress()
        // JSON is for programs, which look at nothing else, and a person may look on.
        while !broker.json || progress.isLive && !Output.standard.isTerminal {
            guard (try? await Task.sleep(for: .milliseconds(progress.isLive ? 100 : 1_000))) != nil else { break }
            progress.show(await ledger.tally, read: await ledger.read, isWaiting: isWaiting)
        }
        progress.finish()
    }

    private func finish(_ ledger: ImportLedger, _ end: ImportSummary.End, status: Int32) async throws {
        let tally = await ledger.tally
        // A file that can't be read at all has no summary.
        if end == .complete || tally.rows > 0 {
            await ledger.report.show()
            let summary = ImportSummary(tally: tally, end: end, isDryRun: dryRun, isWaiting: isWaiting)
            if broker.json { Output.standard.write(summary.json) } else { summary.show() }
        }
        if status != 0 { throw ExitCode(status) }
    }
}
