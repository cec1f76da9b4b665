import Model

/// What was sent, and what came back for it.
struct History: Sendable {
    /// One command.
    struct Entry: Sendable {
        var order: Order
        /// Whether the broker confirmed it, or it was answered; what it did not confirm may have been lost, or not.
        var isCertain: Bool
        /// The answer, where one came.
        var reply: Reply?
        /// Whether it was published more than once, as another message each time.
        var isRepeated = false

        /// It, for the oracle.
        var issued: Issued {
            var issued = Issued(order.command, reply: reply, wantsReply: order.wantsReply)
            issued.isCertain = isCertain
            issued.isRepeated = isRepeated
            issued.knewOutcome = order.after != nil
            return issued
        }
    }

    /// From before the first command was sent, in milliseconds since 1970.
    var begins = 0
    /// Until after the last had taken effect.
    var ends = 0
    /// What was set up before, step after step.
    var setup: [[Entry]] = []
    /// The load, in no order.
    var load: [Entry] = []

    /// Everything.
    var all: [Entry] { setup.flatMap(\.self) + load }
}
