import ArgumentParser
import Contract
import Terminal

/// `bookings flight`
struct Flights: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flight", abstract: "Show, register and change flights.", subcommands: [Show.self, Schedule.self])

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a flight and how many of its seats are taken.")
        @Argument(help: "Its id.")
        var id: String
        @OptionGroup var broker: Broker

        func run() async throws {
            try await broker.ask(RoutingKey.queryFlight, FlightQuery(flightID: id), as: Flight.self) { flight in
                let output = Output.standard
                output.line(
                    "\(output.styled(flight.flightID.printable, .bold)) to \(flight.destination.printable), "
                        + "departs at \(flight.departsAt)")
                let taken = Figures.bar(flight.seatsTaken, of: flight.seats, width: 30)
                let seats = "\(Figures.count(flight.seatsTaken)) of \(Figures.count(flight.seats)) seats are taken"
                output.line("\(output.styled(taken.padded(to: 30), .cyan)) \(seats)")
            }
        }
    }

    struct Schedule: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Register or change a flight.",
            discussion: """
                Example:
                  bookings flight schedule AV9301-2026-12-01 --destination Cali \\
                      --departs 2026-12-01T14:30:00Z --seats 180
                """)
        @Argument(help: "Its id.")
        var id: String
        @Option(help: "Where to.")
        var destination: String
        @Option(help: ArgumentHelp("When it departs, such as 2026-12-01T14:30:00Z.", valueName: "time"))
        var departs: String
        @Option(help: "How many seats it has.")
        var seats: Int
        @Option(help: "Orders changes: one that is not greater than the stored changes nothing.")
        var revision: Int?
        @OptionGroup var broker: Broker

        func run() async throws {
            let command = TypedFlight(
                flightID: id, destination: destination, departsAt: departs, seats: seats, revision: revision)
            try await broker.command(RoutingKey.flightSchedule, command) {
                let flight = "Flight \(id.printable) to \(destination.printable)"
                Output.standard.line("\(flight) has \(Figures.count(seats)) seats.")
            }
        }
    }
}

/// A flight.schedule of what was typed, the time as it is: the services say what is wrong with it.
private struct TypedFlight: Encodable {
    let flightID: String
    let destination: String
    let departsAt: String
    let seats: Int
    let revision: Int?

    private enum CodingKeys: String, CodingKey {
        case flightID = "flight_id"
        case destination
        case departsAt = "departs_at"
        case seats
        case revision
    }
}
