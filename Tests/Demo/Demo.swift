import ArgumentParser
import Client
import Contract
import Terminal

/// Sends varied requests through the whole system and checks every figure that comes out of it.
@main
struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "caramelo-demo",
        abstract: "Sends varied requests, and checks the report against a computation of its own.",
        discussion: """
            It works on a system that has figures already, as long as nobody else books meanwhile.
            Exit status: 0 when everything agrees, 1 when something differs, 2 when something did not come, \
            69 when the broker or the services are not there, 78 for a wrong AMQP_URL.
            """)

    @Option(help: "How many messages to send.")
    var count = 300
    @Option(help: "The same seed makes the same requests, but for their ids and addresses.")
    var seed: UInt64 = 7
    @Option(help: ArgumentHelp("How long to wait for the last outcome.", valueName: "seconds"))
    var timeout = 120

    func validate() throws {
        guard 1...1_000_000 ~= count else { throw ValidationError("--count must be from 1 to 1000000.") }
        guard 1...86_400 ~= timeout else { throw ValidationError("--timeout must be from 1 to 86400 seconds.") }
    }

    func run() async throws {
        let agrees: Bool
        do throws(ClientError) {
            let client = BookingClient(addresses: try BrokerAddresses.find(), name: "caramelo-demo")
            try await client.connect()
            let limit = ContinuousClock.now + .seconds(timeout)
            agrees = try await Run(client: client, count: count, seed: seed, limit: limit).play()
            await client.close()
        } catch {
            Output.error.line("caramelo-demo: \(error)")
            throw ExitCode(error.exitCode)
        }
        guard agrees else { throw ExitCode(1) }
    }
}
