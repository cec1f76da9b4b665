import ArgumentParser
import Glibc
import Runtime
import Terminal

/// Keeps what could not be processed, and shows it.
@main
struct DeadLetter: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead-letter",
        abstract: "Keeps what could not be processed; with a subcommand, works on what was kept.",
        discussion: Settings.help(port: 8086),
        subcommands: [List.self, Doctor.self])

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
            let archive = Archive(logger: service.logger)
            return ServicePlan([Subscription(each: QueueName.deadLetters, handle: archive.store)])
        }
    }
}
