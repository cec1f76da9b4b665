import ArgumentParser
import Contract
import Glibc
import LetterStore
import Runtime
import Terminal

/// Keeps what could not be processed, and works on it.
@main
struct DeadLetter: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead-letter",
        abstract: "Keeps what could not be processed; with a subcommand, works on what was kept.",
        discussion: Settings.help(
            port: 8086,
            more: [
                "DEAD_LETTER_RETENTION": "days after which a letter that was replayed or discarded is forgotten (90)",
                "HTTP_ADMIN_TOKEN":
                    "what the page asks for before it changes anything, or is read from another machine; 16 characters or more (unset)",
            ]),
        subcommands: [
            List.self, Summary.self, Show.self, Replay.self, Edit.self, Discard.self, Undo.self, Export.self,
            Import.self, Doctor.self,
        ])

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand { try await command.run() } else { try command.run() }
        } catch {
            // What watches over brokers knows 2 for a question that can't be asked.
            let isDoctor = CommandLine.arguments.dropFirst().first == "doctor"
            if isDoctor, exitCode(for: error) == .validationFailure {
                Output.error.line(fullMessage(for: error))
                Glibc.exit(2)
            }
            exit(withError: error)
        }
    }

    func run() async {
        await runService("dead-letter", defaultPort: 8086) { service in
            let log = LetterLog(service: service)
            let desk = Desk(log: log, service: service)
            let archive = Archive(log: log, logger: service.logger)
            let runner = ReplayRunner(desk)
            let days = try service.settings.integer("DEAD_LETTER_RETENTION", default: 90, in: 1...36_500)
            let watch = LetterWatch(desk, retention: days)
            let pages = try Pages(service)
            return ServicePlan(
                [
                    Subscription(QueueName.deadLetters, handle: archive.store),
                    Subscription(QueueName.letterOperations, isQuery: true, batchLimit: 8) { batch in
                        var verdicts: [Verdict] = []
                        for delivery in batch { verdicts.append(try await desk.answer(delivery)) }
                        return verdicts
                    },
                    Subscription(QueueName.letterReplays, batchLimit: 1) { batch in
                        [try await runner.handle(batch[0])]
                    },
                ],
                prepare: { try await log.start() },
                background: { backstage in
                    await watch.run(backstage)
                    await log.stop()
                    await pages.close()
                }, routes: pages.add)
        }
    }
}
