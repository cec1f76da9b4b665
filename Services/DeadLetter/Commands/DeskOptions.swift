import ArgumentParser
import Client
import Commands
import Contract
import Glibc
import Runtime
import Terminal

/// The options of every subcommand: where to ask, and how long.
struct DeskOptions: ParsableArguments {
    @OptionGroup var broker: BrokerOptions

    @Option(help: ArgumentHelp("How long to wait for a service that is starting, in seconds.", valueName: "seconds"))
    var wait = 3.0

    func validate() throws {
        guard wait >= 0, wait <= 86_400 else { throw ValidationError("--wait must be from 0 to 86400 seconds.") }
    }

    /// Runs `work` with a connected client, and ends with the exit status that it returns.
    func connected(_ work: (Asker) async throws(ClientError) -> ExitCode) async throws {
        let hint = "dead-letter runs but does not answer; see what its /readyz says."
        try await broker.connected(as: "dead-letter", hint: hint) { client throws(ClientError) in
            let waiting = QueueName.letterOperations
            guard try await client.isConsumed(waiting, within: .seconds(wait)) else {
                Output.error.line("dead-letter: nobody consumes the queue \(waiting): the service does not run.")
                Output.error.line(
                    "Start it, or see what its /readyz says; --wait 60 waits longer for one that is starting.")
                return ExitCode(2)
            }
            return try await work(Asker(client: client, limit: broker.limit))
        }
    }
}

/// Asks the service.
struct Asker: Sendable {
    let client: BookingClient
    let limit: Duration

    /// - Returns: the answer; `nil` where it was refused, which it then has said why.
    func ask<Value: Decodable & Sendable>(
        _ operation: LetterOperation, _ question: LetterQuestion, as type: Value.Type = Value.self
    ) async throws(ClientError) -> Value? {
        switch try await client.ask(operation.routingKey, question, as: type, timeout: limit) {
        case .answered(let value): return value
        case .failed(let reply):
            explain(reply)
            return nil
        }
    }

    private func explain(_ reply: CommandReply) {
        let text = reply.code == .invalidRequest ? "it is not valid" : reply.detail ?? "it was refused"
        Output.error.line(Output.error.styled("✘ ", .red) + text.printable)
        for problem in reply.problems ?? [] {
            Output.error.line("  \(problem.field.printable) \(problem.problem.printable)")
        }
    }
}

/// Which letters are meant.
struct SelectionOptions: ParsableArguments {
    @Option(help: "Only letters that came from this queue.")
    var queue: String?
    @Option(help: "Only letters that were given up for this reason.")
    var reason: String?
    @Option(help: "Only letters that this service gave up.")
    var service: String?
    @Option(help: "Only letters of this group; summary shows the groups.")
    var group: String?
    @Option(
        help: "Only letters given up at this time or later: 2026-11-21T10:00:00Z, 2026-11-21, or 2h for two hours ago.")
    var since: Moment?
    @Option(help: "Only letters given up before this time.")
    var until: Moment?
    @Option(help: "Only letters with this text in body, error or message id.")
    var contains: String?
    @Option(help: "open, replaying, replayed, discarded, unresolved (open and replaying) or all.")
    var status: LetterSelection.Status?

    func selection(_ ids: [String] = []) -> LetterSelection {
        var selection = LetterSelection()
        selection.ids = ids.isEmpty ? nil : ids
        selection.queue = queue
        selection.reason = reason
        selection.service = service
        selection.group = group
        selection.since = since?.time
        selection.until = until?.time
        selection.contains = contains
        selection.status = status
        return selection
    }
}

extension LetterSelection.Status: ExpressibleByArgument {}

/// A time as people write it.
struct Moment: ExpressibleByArgument {
    let time: Timestamp

    /// RFC 3339, a date (its beginning in UTC), or a time before now in days, hours, minutes or seconds.
    init?(argument: String) {
        let units: [Character: Int] = ["d": 86_400, "h": 3_600, "m": 60, "s": 1]
        if let time = Timestamp(argument) ?? Timestamp(argument + "T00:00:00Z") {
            self.time = time
        } else if let unit = argument.last.flatMap({ units[$0] }), let count = Int(argument.dropLast()), count >= 0,
            count < 1_000_000
        {
            time = Timestamp.now.advanced(bySeconds: -count * unit)
        } else {
            return nil
        }
    }
}

/// Who does something, and why.
struct Signature: ParsableArguments {
    @Option(name: .customLong("as"), help: ArgumentHelp("Who does it; by default $USER.", valueName: "name"))
    var name: String?
    @Option(name: [.customLong("why"), .customShort("m")], help: "Why, for the record.")
    var why: String?

    /// The question, signed.
    func sign(_ question: LetterQuestion) -> LetterQuestion {
        var question = question
        let user = getenv("USER").map { String(cString: $0) } ?? ""
        question.by = name ?? (user.isEmpty ? getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) } : user)
        question.why = why
        return question
    }
}

/// Asks on the terminal; where nobody looks, the answer is yes.
func isConfirmed(_ question: String, unless isSure: Bool) -> Bool {
    guard !isSure, isatty(STDIN_FILENO) == 1 else { return true }
    Output.error.write(question + " [y/N] ")
    let answer = readLine() ?? ""
    return answer.lowercased().hasPrefix("y")
}
