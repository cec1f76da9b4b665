import ArgumentParser
import Runtime

/// Keeps what could not be processed, and shows it.
@main
struct DeadLetter: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead-letter",
        abstract: "Keeps what could not be processed; with a subcommand, works on what was kept.",
        discussion: Settings.help(port: 8086),
        subcommands: [List.self])

    func run() async {
        await runService("dead-letter", defaultPort: 8086) { service in
            let archive = Archive(logger: service.logger)
            return ServicePlan([Subscription(each: QueueName.deadLetters, handle: archive.store)])
        }
    }
}
