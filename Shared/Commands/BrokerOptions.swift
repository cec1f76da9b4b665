import ArgumentParser
import Client
import Terminal

/// The options of every command that asks services, and what is the same for all: connect, say what went wrong, exit status.
public struct BrokerOptions: ParsableArguments, Sendable {
    /// The broker's URL; `nil` for that of `AMQP_URL`.
    @Option(help: ArgumentHelp("The broker, instead of AMQP_URL.", valueName: "amqp-url"))
    public var url: String?

    @Option(help: ArgumentHelp("How long to wait for an answer, in seconds.", valueName: "seconds"))
    private var timeout = 30.0

    /// How long to wait for an answer.
    public var limit: Duration { .seconds(timeout) }

    /// Nothing is set.
    public init() {}

    /// Refuses a time that is none.
    public func validate() throws {
        guard timeout > 0, timeout <= 86_400 else {
            throw ValidationError("--timeout must be more than 0 and at most 86400 seconds.")
        }
    }

    /// Runs `work` with a connected client.
    /// - Parameters:
    ///   - name: the program's.
    ///   - hint: what to look at where there is no answer.
    /// - Throws: the exit status that `work` returns, or that of what went wrong, unless it is 0.
    public func connected(
        as name: String, hint: String, _ work: (BookingClient) async throws(ClientError) -> ExitCode
    ) async throws {
        var status: ExitCode
        do throws(ClientError) {
            let client = BookingClient(addresses: try BrokerAddresses.find(option: url), name: name)
            try await client.connect(timeout: min(limit, .seconds(10)))
            status = try await work(client)
            await client.close()
        } catch {
            Output.error.line("\(name): \("\(error)".printable)")
            if case .noAnswer = error { Output.error.line(hint) }
            status = ExitCode(error.exitCode)
        }
        if status != .success { throw status }
    }
}
