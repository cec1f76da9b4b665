import AMQP
import Contract
import Runtime

extension Checkup {
    /// Keys of policies that lose, refuse or divert messages, and how; a limit up to which it doesn't matter is apart.
    private static let harm: KeyValuePairs<String, String> = [
        "message-ttl": "messages that wait longer are dropped",
        "expires": "it is deleted when nobody has used it for a while",
        "max-length": "what exceeds it is dropped or refused",
        "max-length-bytes": "what exceeds it is dropped or refused",
        "overflow": "what exceeds its limits is treated otherwise than declared",
        "dead-letter-exchange": "messages leave it another way than declared",
        "dead-letter-routing-key": "messages leave it another way than declared",
        "dead-letter-strategy": "messages may be lost when they leave it",
        "max-age": "old letters are deleted",
    ]
    /// The fewest deliveries that a limit must allow: kills of a consumer count as well.
    private static let leastDeliveries = 50
    /// The least time, in milliseconds, for which the broker must let a consumer keep a message: a dependency is waited for
    /// for three minutes, and a handler has five.
    private static let leastConsumerTimeout = 600_000

    mutating func checkQueues() {
        for declared in topology.queues {
            guard let queue = state.queues.first(where: { $0.name == declared.name }) else {
                add(
                    "queue \(declared.name)", "does not exist: what is published for it is returned, or goes past it",
                    mend: declareAgain)
                continue
            }
            compare(queue, declared.arguments.mapValues(\.written))
            checkPolicies(of: queue)
            checkMembers(of: queue)
            checkConsumers(of: queue)
        }
        for store in state.queues where Topology.isStore(store.name) {
            compare(store, ["x-queue-type": "stream"])
            checkPolicies(of: store)
            checkMembers(of: store)
        }
        checkLeftOver()
    }

    private mutating func compare(_ queue: BrokerState.Queue, _ declared: [String: String]) {
        var differences: [String] = []
        if !queue.isPlain { differences.append("it is not durable, or auto-delete, or exclusive") }
        for name in Set(declared.keys).union(queue.arguments.keys).sorted() {
            guard declared[name] != queue.arguments[name] else { continue }
            let (has, wanted) = (queue.arguments[name] ?? "not set", declared[name] ?? "not set")
            differences.append("\(name) is \(quoted(has)), declared \(quoted(wanted))")
        }
        guard !differences.isEmpty else { return }
        add(
            "queue \(queue.name)", differences.joined(separator: "; ") + ": services can't start, or lose messages",
            mend: "let it run empty or move its messages (shovel), then: "
                + control("delete_queue '\(queue.name)' --if-empty") + ", and \(declareAgain)")
    }

    private func quoted(_ value: String) -> String { value.isEmpty ? "''" : value }

    private mutating func checkPolicies(of queue: BrokerState.Queue) {
        guard let policy = queue.effectivePolicy, !policy.isEmpty else { return }
        var effects: [String] = []
        let mayBeShort = Self.mayBeShort(queue.name, policy["overflow"])
        for (key, effect) in Self.harm where !(mayBeShort && Self.lengthKeys.contains(key)) {
            if let value = policy[key] { effects.append("\(key) \(quoted(value)): \(effect)") }
        }
        if let limit = policy["delivery-limit"], Int(limit) ?? 0 < Self.leastDeliveries {
            effects.append(
                "delivery-limit \(limit): kills of a consumer count, too, so messages that harmed nobody are dropped")
        }
        if let limit = policy["consumer-timeout"], Int(limit) ?? 0 < Self.leastConsumerTimeout {
            effects.append(
                "consumer-timeout \(limit) ms: messages that are still in work are given to another consumer")
        }
        guard !effects.isEmpty else { return }
        let (own, operators) = (queue.policy, queue.operatorPolicy)
        let names = [own.map { "policy \($0)" }, operators.map { "operator policy \($0)" }].compactMap(\.self)
        let commands = [
            own.map { control("clear_policy '\($0)'") }, operators.map { control("clear_operator_policy '\($0)'") },
        ]
        add(
            "queue \(queue.name)", "is under \(names.joined(separator: " and ")): \(effects.joined(separator: "; "))",
            mend: commands.compactMap(\.self).joined(separator: "; ") + ", or let its pattern not match our queues")
    }

    private static let lengthKeys: Set<String> = ["max-length", "max-length-bytes", "overflow"]

    /// Whether a limit of length does a queue no harm: what is refused at the door is published again, and queries are asked
    /// again.
    private static func mayBeShort(_ queue: String, _ overflow: String?) -> Bool {
        switch queue {
        case QueueName.requests: overflow == "reject-publish"
        case QueueName.intakeQueries, QueueName.quotes, QueueName.reports: true
        default: false
        }
    }

    private mutating func checkMembers(of queue: BrokerState.Queue) {
        let subject = "queue \(queue.name)"
        let (members, online) = (queue.members.count, queue.online.count)
        guard members > 0 else { return }
        if online * 2 <= members {
            add(
                subject, "has \(online) of \(members) members online, no majority: it stands still",
                mend: "start the nodes of the others: \(absent(queue))")
        } else if online < members {
            add(
                subject, "has \(online) of \(members) members online",
                mend: "start \(absent(queue)); if it is gone for good: rabbitmq-queues delete_member and add_member")
        }
        if queue.type == "quorum", online * 2 > members, !queue.online.contains(queue.leader ?? "") {
            add(
                subject, "has no leader although a majority is online",
                mend:
                    "look at the nodes' logs; if it lasts for a minute, restart one of \(queue.online.joined(separator: ", "))"
            )
        }
        let wanted = min(3, state.nodes.count)
        if members < wanted {
            add(
                subject,
                "has \(members == 1 ? "one member" : "\(members) members") in a cluster of \(state.nodes.count) nodes",
                mend: queue.type == "quorum"
                    ? "rabbitmq-queues grow NODE all --vhost-pattern '\(vhost)', for each node that has none"
                    : "rabbitmq-streams add_replica --vhost '\(vhost)' \(queue.name) NODE, for each node that has none")
        }
    }

    private func absent(_ queue: BrokerState.Queue) -> String {
        Set(queue.members).subtracting(queue.online).sorted().joined(separator: ", ")
    }

    private mutating func checkConsumers(of queue: BrokerState.Queue) {
        let isConsumed = state.consumed.contains(queue.name)
        switch topology.use(of: queue.name) {
        case .consumer where !isConsumed:
            let service = queue.name == QueueName.deadLetters ? "dead-letter" : queue.name.prefix { $0 != "." }
            add(
                "queue \(queue.name)", "has no consumer; \(queue.messages ?? 0) messages wait",
                mend: "start \(service), or see what its /readyz says")
        case .timer where isConsumed:
            add(
                "queue \(queue.name)", "has a consumer: it takes what must go back after its delay",
                mend: "end that consumer")
        default: break
        }
    }

    private mutating func checkLeftOver() {
        for queue in state.queues where Topology.looksLikeOurs(queue.name) && !Topology.isStore(queue.name) {
            guard !topology.queues.contains(where: { $0.name == queue.name }) else { continue }
            let hint = queue.name.hasPrefix("retry.") ? " (with FAST_RETRY=1, or without, others are)" : ""
            add(
                "queue \(queue.name)",
                "looks like ours, but nobody declares it\(hint); \(queue.messages ?? 0) messages stand in it",
                mend: "move what stands in it (shovel), then: " + control("delete_queue '\(queue.name)' --if-empty"))
        }
    }
}

extension Topology {
    /// Who takes messages out of a queue.
    enum Use {
        /// A service, always.
        case consumer
        /// The broker itself, when their time has come.
        case timer
        /// Somebody, when there is a reason to.
        case visitor
    }

    /// Who takes messages out of a queue of ours.
    func use(of name: String) -> Use {
        let arguments = queues.first { $0.name == name }?.arguments ?? [:]
        if arguments["x-dead-letter-exchange"] != nil { return .timer }
        let isVisited = arguments["x-queue-type"] == .text("stream") || name.hasSuffix(QueueName.quarantine(of: ""))
        return isVisited ? .visitor : .consumer
    }

    /// Whether a queue is one of those streams that dead-letter makes as it needs them.
    static func isStore(_ name: String) -> Bool { name.hasPrefix(QueueName.deadLetterStore + ".") }

    /// Whether a queue is named as ours are, now or in another version.
    static func looksLikeOurs(_ name: String) -> Bool {
        let prefixes = [
            "booking-intake.", "pricing.", "candy-accounting.", "stats.", "notifier.", "dead-letter.", "retry.",
        ]
        return prefixes.contains { name.hasPrefix($0) }
    }
}
