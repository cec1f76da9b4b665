/// Why a command or a query can't be carried out as it stands.
public enum CommandError: Error, Sendable, Equatable {
    /// To the dead letters at once (contract, promise 2).
    case unreadable(Unreadable)
    /// Answered `invalid_request`; without `reply_to` to the dead letters (contract, "Commands"). Never empty.
    case invalid([Problem])
}

extension CommandError {
    /// What a query that can't be carried out is answered.
    public var reply: CommandReply {
        switch self {
        case .unreadable(let unreadable): .invalid([Problem(field: "body", problem: unreadable.detail)])
        case .invalid(let problems): .invalid(problems)
        }
    }
}

extension Fields {
    /// The fields of a command's or a query's body.
    static func of(_ body: [UInt8]) throws(CommandError) -> Fields {
        do {
            return Fields(try JSON.object(body))
        } catch {
            throw .unreadable(error)
        }
    }

    /// The message made of the fields, unless one of them is wrong.
    func result<Message>(_ message: Message) throws(CommandError) -> Message {
        guard problems.isEmpty else { throw .invalid(problems) }
        return message
    }

    /// The one field a message consists of.
    mutating func only<Value>(_ field: String, _ rule: Rule<Value>) throws(CommandError) -> Value {
        guard let value = required(field, rule) else { throw .invalid(problems) }
        return value
    }
}
