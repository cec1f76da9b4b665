import ArgumentParser
import Client
import Commands
import Contract
import Terminal

/// The options of every subcommand, and what is the same for all: ask, say what was answered.
struct Broker: ParsableArguments {
    @Flag(help: "Print the answer as it is, a JSON object a line.")
    var json = false

    @OptionGroup var options: BrokerOptions

    var limit: Duration { options.limit }

    /// Runs `work` with a connected client, and ends with the exit status that it returns.
    func connected(_ work: (BookingClient) async throws(ClientError) -> ExitCode) async throws {
        try await options.connected(as: "bookings", hint: "Are the services running?", work)
    }

    /// Asks, and prints the answer as it is with `--json`, or else by `show`; why there is none goes to standard error.
    func ask<Value: Decodable & Sendable>(
        _ routingKey: String, _ question: some Encodable & Sendable, as type: Value.Type, show: (Value) -> Void
    ) async throws {
        try await connected { client throws(ClientError) in
            let body = try await client.ask(routingKey, JSON.encode(question), timeout: limit)
            return try self.show(body, as: type, show)
        }
    }

    /// Prints an answer; see ``ask(_:_:as:show:)``.
    func show<Value: Decodable & Sendable>(
        _ body: [UInt8], as type: Value.Type, _ show: (Value) -> Void
    ) throws(ClientError) -> ExitCode {
        if json { Output.standard.write(body + [UInt8(ascii: "\n")]) }
        switch try Answer<Value>.read(body) {
        case .answered(let value):
            if !json { show(value) }
            return .success
        case .failed(let reply):
            if !json { explain(reply) }
            return ExitCode(1)
        }
    }

    /// Gives a command, and says `done` when it has taken effect.
    func command(_ routingKey: String, _ command: some Encodable & Sendable, done: () -> Void) async throws {
        try await connected { client throws(ClientError) in
            let body = try await client.ask(routingKey, JSON.encode(command), timeout: limit)
            if json { Output.standard.write(body + [UInt8(ascii: "\n")]) }
            let reply = try CommandReply.read(body)
            guard !json else { return reply.ok ? .success : ExitCode(1) }
            if reply.superseded == true {
                Output.standard.line("Nothing has changed: what is stored has this revision or a newer one.")
            } else if reply.ok {
                done()
            } else {
                explain(reply)
            }
            return reply.ok ? .success : ExitCode(1)
        }
    }

    /// Says why something was refused.
    func explain(_ reply: CommandReply) {
        let what =
            switch reply.code {
            case .invalidRequest: "It was refused as invalid"
            case .notFound: "There is none by that name or id"
            case .notConfirmed: "It was rejected, so there is nothing to cancel"
            case .unknownDestination: "There is no such destination"
            case .seatsBelowTaken: "More seats are taken than that"
            case .requestIDReused: "Another request has this id: nothing was booked"
            case .wrongState, nil: "It was refused: \((reply.detail ?? "no reason was given").printable)"
            }
        Output.error.line(Output.error.styled("✘ ", .red) + what + ".")
        for problem in reply.problems ?? [] {
            Output.error.line("  \(problem.field.printable) \(problem.problem.printable)")
        }
    }
}

extension Decodable {
    /// Reads an answer.
    static func read(_ body: [UInt8]) throws(ClientError) -> Self {
        do { return try JSON.decode(Self.self, from: body) } catch { throw .unreadable("\(error)") }
    }
}
