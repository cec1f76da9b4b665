import ArgumentParser
import Contract
import Terminal

/// `bookings destination`
struct Destinations: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "destination", abstract: "Show, register and change destinations.",
        subcommands: [List.self, Show.self, Set.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show all destinations with their fares and taxes.")
        @OptionGroup var broker: Broker

        func run() async throws {
            try await broker.ask(RoutingKey.queryDestinations, [String: String](), as: DestinationList.self) {
                Destinations.show($0.destinations)
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show one destination.")
        @Argument(help: "Its name.")
        var name: String
        @OptionGroup var broker: Broker

        func run() async throws {
            let question = DestinationQuery(destination: name)
            try await broker.ask(RoutingKey.queryDestination, question, as: Destination.self) {
                Destinations.show([$0])
            }
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Register or change a destination.",
            discussion: """
                Every booking that is accepted afterwards has these amounts.

                Example:
                  bookings destination set Leticia --base-fare 410,000 --tax 32,800 \\
                      --pet-tax 60,000 --revision 7
                """)
        @Argument(help: "Its name.")
        var name: String
        @Option(help: "The fare in pesos, such as 410000 or 410,000.50.")
        var baseFare: Pesos
        @Option(help: "The tax in pesos.")
        var tax: Pesos
        @Option(help: "The tax on a pet in pesos.")
        var petTax: Pesos
        @Option(help: "Orders changes: one that is not greater than the stored changes nothing.")
        var revision: Int?
        @OptionGroup var broker: Broker

        func run() async throws {
            let command = DestinationSet(
                destination: name, baseFare: baseFare.hundredths, tax: tax.hundredths, petTax: petTax.hundredths,
                revision: revision)
            try await broker.command(RoutingKey.destinationSet, command) {
                Output.standard.line("From now on:")
                Destinations.show([
                    Destination(
                        destination: command.destination, baseFare: command.baseFare, tax: command.tax,
                        petTax: command.petTax)
                ])
            }
        }
    }

    private static func show(_ destinations: [Destination]) {
        let currency = destinations.first?.currency ?? Contract.currency
        var table = Table([
            .text("DESTINATION"), .number("FARE (\(currency))"), .number("TAX"), .number("TAX ON A PET"),
        ])
        for destination in destinations {
            table.add([
                .init(destination.destination, .bold), .init(Figures.amount(destination.baseFare)),
                .init(Figures.amount(destination.tax)), .init(Figures.amount(destination.petTax)),
            ])
        }
        table.write(to: .standard)
    }
}

/// An amount as people type it.
struct Pesos: ExpressibleByArgument {
    let hundredths: Int

    init?(argument: String) {
        guard let hundredths = Figures.hundredths(argument) else { return nil }
        self.hundredths = hundredths
    }
}
