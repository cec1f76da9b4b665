import ArgumentParser
import Client
import Contract
import Terminal

/// `bookings report`
struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Show the figures of all bookings, of a destination, of some days, or of both.",
        discussion: """
            Figures are of confirmed bookings that are not cancelled.

            Examples:
              bookings report
              bookings report --destination "San Andrés" --from 2026-11-01 --to 2026-11-30
            """)

    @Option(help: "Only this destination.")
    var destination: String?
    @Option(help: ArgumentHelp("Only from this day on; --to is needed, too.", valueName: "yyyy-mm-dd"))
    var from: String?
    @Option(help: ArgumentHelp("Only up to this day, which is included.", valueName: "yyyy-mm-dd"))
    var to: String?
    @OptionGroup var broker: Broker

    func run() async throws {
        let question = ["destination": destination, "from": from, "to": to].compactMapValues(\.self)
        try await broker.ask(RoutingKey.queryReport, question, as: Report.self) { report in
            Output.standard.line(Output.standard.styled(title.printable, .bold))
            report.write(to: .standard)
        }
    }

    private var title: String {
        let place = destination.map { "Bookings to \($0)" } ?? "All bookings"
        guard let from, let to else { return place }
        return place + (from == to ? " of \(from)" : " from \(from) to \(to)")
    }
}
