import Contract
import Model

/// One publication.
struct Step: Sendable {
    /// What is published; several go out back to back.
    var commands: [Command]
    /// Whether the answer is waited for; then it is a single command.
    var wantsReply = false
    /// Milliseconds to wait before.
    var delay = 0
    /// The routing key, where the command leaves it open.
    var key: String?

    /// The message of one of its commands.
    func message(_ command: Command) -> (key: String, body: [UInt8]) {
        let usual =
            switch command {
            case .request, .unreadable: RoutingKey.bookingRequest
            case .cancel: RoutingKey.bookingCancel
            case .set: RoutingKey.destinationSet
            case .schedule: RoutingKey.flightSchedule
            }
        return (key ?? usual, command.body)
    }
}

/// Publications that belong together: each after the answer of the one before (a chain), or each after its own delay.
struct Move: Sendable {
    var steps: [Step]
    /// A chain uses flights, destinations and addresses of its own, so that each of its steps has one right ending.
    var isChain = false

    /// The number of commands.
    var count: Int { steps.reduce(0) { $0 + $1.commands.count } }

    static func send(_ commands: [Command]) -> Move { Move(steps: [Step(commands: commands)]) }
    static func ask(_ command: Command) -> Move { Move(steps: [Step(commands: [command], wantsReply: true)]) }
    static func chain(_ commands: [Command]) -> Move {
        Move(steps: commands.map { Step(commands: [$0], wantsReply: true) }, isChain: true)
    }
}
