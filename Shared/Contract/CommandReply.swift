/// The answer to a command, and to a query that has none (contract, "Commands").
public struct CommandReply: Codable, Sendable, Equatable {
    /// Why a command was not carried out.
    public enum Code: String, Codable, Sendable, CaseIterable {
        /// The body breaks a rule; the problems say which.
        case invalidRequest = "invalid_request"
        /// No such booking, destination, flight or customer.
        case notFound = "not_found"
        /// A rejected booking can't be cancelled.
        case notConfirmed = "not_confirmed"
        /// There is no such destination to fly to.
        case unknownDestination = "unknown_destination"
        /// A flight can't have fewer seats than are taken.
        case seatsBelowTaken = "seats_below_taken"
        /// A twin with other contents than the first request of this id.
        case requestIDReused = "request_id_reused"
        /// A dead letter, an action or a replay is not in a state in which this can be done.
        case wrongState = "wrong_state"
    }

    /// Whether the command has taken effect, or needed none.
    public let ok: Bool
    /// True when a revision was not greater than the stored one, so that nothing changed; else absent.
    public let superseded: Bool?
    /// Why not; only when not ok.
    public let code: Code?
    /// The same for people; only when not ok.
    public let detail: String?
    /// What is wrong with the body; only with ``Code/invalidRequest``.
    public let problems: [Problem]?

    /// `{"ok": true}`
    public static let done = CommandReply(ok: true, superseded: nil, code: nil, detail: nil, problems: nil)
    /// `{"ok": true, "superseded": true}`
    public static let superseded = CommandReply(ok: true, superseded: true, code: nil, detail: nil, problems: nil)

    /// `{"ok": false, "code", "detail"}`
    public static func failed(_ code: Code, _ detail: String? = nil) -> CommandReply {
        CommandReply(ok: false, superseded: nil, code: code, detail: detail, problems: nil)
    }

    /// `{"ok": false, "code": "invalid_request", "detail", "problems"}`
    public static func invalid(_ problems: [Problem]) -> CommandReply {
        let detail = problems.map { "\($0.field) \($0.problem)" }.joined(separator: "; ")
        return CommandReply(ok: false, superseded: nil, code: .invalidRequest, detail: detail, problems: problems)
    }
}

/// What came back for a query: the answer, or why there is none.
public enum Answer<Value: Decodable & Sendable>: Decodable, Sendable {
    /// The answer.
    case answered(Value)
    /// A reply with `"ok": false`.
    case failed(CommandReply)

    private enum CodingKeys: String, CodingKey { case ok }

    /// Tells them apart by `ok`, which answers do not have.
    public init(from decoder: any Decoder) throws {
        let ok = try decoder.container(keyedBy: CodingKeys.self).decodeIfPresent(Bool.self, forKey: .ok)
        self = ok == false ? .failed(try CommandReply(from: decoder)) : .answered(try Value(from: decoder))
    }
}
