/// A command with what came back for it.
public struct Issued: Sendable {
    /// The command.
    public var command: Command
    /// Its answer; nil where none was asked for, or none came.
    public var reply: Reply?
    /// Whether it was sent more than once, so that the answer may be the second one's.
    public var isRepeated = false
    /// Whether the broker confirmed it; what it did not confirm may have been lost, and may not.
    public var isCertain = true
    /// Whether it had a `reply_to`; an invalid command without one becomes a dead letter.
    public var wantsReply: Bool
    /// Whether it is a cancellation that was sent when its request's outcome was known, and so can't have overtaken it.
    public var knewOutcome = false

    /// A command that the broker has confirmed.
    public init(_ command: Command, reply: Reply? = nil, wantsReply: Bool? = nil) {
        self.command = command
        self.reply = reply
        self.wantsReply = wantsReply ?? (reply != nil)
    }
}

/// What was announced of one request.
public struct Trace: Sendable, Hashable {
    /// The confirmation or rejection.
    public var settled: Outcome?
    /// The cancellation.
    public var cancelled: Outcome?

    /// What was announced.
    public init(settled: Outcome? = nil, cancelled: Outcome? = nil) {
        self.settled = settled
        self.cancelled = cancelled
    }
}

/// Commands that were under way together, in no order that anyone promised, and what was seen when all were through.
///
/// A phase of one command has one right ending. Of more, it has those that some order could have led to, as far as
/// can be told without trying all orders.
public struct Phase: Sendable {
    /// From before the first command was sent, in milliseconds since 1970.
    public var begins: Int
    /// Until after the last had taken effect.
    public var ends: Int
    /// The commands. Of several changes of one destination or flight each must have a revision of its own.
    public var issued: [Issued]
    /// What was announced of requests, by request id; for others than those of this phase it is not looked at, unless
    /// they are cancelled in it.
    public var traces: [String: Trace]

    /// A phase.
    public init(begins: Int = 0, ends: Int = 0, _ issued: [Issued] = [], traces: [String: Trace] = [:]) {
        self.begins = begins
        self.ends = ends
        self.issued = issued
        self.traces = traces
    }
}

/// Something that the rules do not allow.
public struct Difference: Sendable, Equatable, CustomStringConvertible {
    /// What kind of thing, in Jepsen's words.
    public enum Kind: String, Sendable {
        /// What was confirmed has no effect.
        case lost
        /// There is more than one effect.
        case duplicated
        /// An effect that nobody asked for, or another than the rules allow.
        case unexpected
        /// A dead letter that should have been handled.
        case bystander
    }

    /// Whose: a request id, destination, flight or address.
    public var subject: String
    /// What is wrong.
    public var problem: String
    /// What kind of thing it is.
    public var kind = Kind.unexpected

    /// Something that is wrong.
    public init(_ subject: String, _ problem: String, _ kind: Kind = .unexpected) {
        self.subject = subject
        self.problem = problem
        self.kind = kind
    }

    /// Subject and problem in one line.
    public var description: String { "\(subject): \(problem)" }
}
