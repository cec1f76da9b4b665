/// Why a message could not be handed over, or a question has no answer.
public enum ClientError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The broker's address can't be used: the variable or option it came from, and what is wrong with it.
    case wrongAddress(String, String)
    /// No node of the broker can be reached, or the connection to it was lost.
    case unreachable(String)
    /// The broker is there, but refuses this login or has no such vhost.
    case refused(String)
    /// The broker has an alarm, such as for memory or disk space, and takes nothing until that is over.
    case blocked(String)
    /// No queue takes such messages: the services that make it have never run.
    case nobodyServes(String)
    /// What was awaited, and within which time it did not come.
    case noAnswer(String, within: Duration)
    /// The message can't be sent as it is.
    case unsendable(String)
    /// An answer that is not what the contract says.
    case unreadable(String)
    /// More came than was taken, and there is no room for the rest.
    case overflow(Int)
    /// The client was closed, or the waiting task cancelled.
    case closed

    /// One line for people.
    public var description: String {
        switch self {
        case .wrongAddress(let source, let problem): "\(source): \(problem)"
        case .unreachable(let why): "the broker can't be reached: \(why)"
        case .refused(let why): "the broker refuses: \(why)"
        case .blocked(let why): "the broker takes nothing at present: \(why)"
        case .nobodyServes(let what): "nobody serves \(what): start the services"
        case .noAnswer(let what, let time): "no \(what) within \(time.seconds) s"
        case .unsendable(let why): "it can't be sent: \(why)"
        case .unreadable(let why): "the answer can't be read: \(why)"
        case .overflow(let count): "more than \(count) messages waited to be read"
        case .closed: "the connection was closed"
        }
    }
}

extension Duration {
    /// In seconds, with a decimal where it needs one.
    var seconds: String {
        let tenths = (self / .milliseconds(100)).rounded()
        return tenths == (tenths / 10).rounded() * 10 ? "\(Int(tenths) / 10)" : "\(tenths / 10)"
    }
}
