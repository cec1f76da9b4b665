import ArgumentParser

/// The command-line client for people and scripts: an upstream system like any other, over AMQP.
@main
struct Bookings: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bookings",
        abstract: "Books flights and shows what became of them.",
        discussion: """
            It speaks to the services through the broker that --url or the variable AMQP_URL names \
            (default amqp://guest:guest@127.0.0.1:5672/; several nodes of one cluster separated by commas). For \
            amqps:// there are TLS_CA_FILE, TLS_CERT_FILE and TLS_KEY_FILE, as for the services.

            Examples:
              bookings request --name "Juan Pérez" --age 9 --email juan@example.com \\
                  --destination "San Andrés" --pet
              bookings quote --destination Leticia --promotion
              bookings report --from 2026-11-01 --to 2026-11-30
              bookings watch --json | jq .request_id

            Amounts are in pesos, such as 410000 or 410,000.50; with --json all is as on the wire, amounts in hundredths.

            Exit status: 0 done (of request and status: confirmed), 1 refused (rejected, cancelled), 2 no answer or \
            unknown, 64 wrong usage, 69 the broker or the services are not there, 78 a wrong variable.
            """,
        subcommands: [
            Request.self, Cancel.self, Status.self, QuoteCommand.self, Destinations.self, Flights.self, Customer.self,
            ReportCommand.self, Watch.self, Import.self,
        ])
}
