import Contract
import Runtime

extension Checkup {
    mutating func checkBindings() {
        for declared in topology.bindings where !has(declared) {
            add(
                "binding \(declared.exchange) → \(declared.destination)",
                "'\(declared.routingKey)' is missing: such messages are returned, or go past this queue unnoticed",
                mend: declareAgain)
        }
        for binding in state.bindings where !binding.source.isEmpty && !isDeclared(binding) {
            guard let harm = harm(of: binding) else { continue }
            add(
                "binding \(binding.source) → \(binding.destination)",
                "'\(binding.routingKey)' is none of ours: \(harm)",
                mend: "curl -u USER -X DELETE '\(address(binding))'")
        }
    }

    private func has(_ declared: Topology.Binding) -> Bool {
        state.bindings.contains { Self.isSame($0, declared) }
    }

    private func isDeclared(_ binding: BrokerState.Binding) -> Bool {
        topology.bindings.contains { Self.isSame(binding, $0) }
    }

    private static func isSame(_ binding: BrokerState.Binding, _ declared: Topology.Binding) -> Bool {
        binding.isToExchange == declared.isToExchange && binding.source == declared.exchange
            && binding.destination == declared.destination && binding.routingKey == declared.routingKey
    }

    /// What an undeclared binding does to us; `nil` where it is an upstream system's own matter.
    private func harm(of binding: BrokerState.Binding) -> String? {
        // candy-accounting binds its queue for more ages where CANDY_MAX_AGE says so.
        if binding.source == Exchange.confirmationsByAge, binding.destination == QueueName.candies { return nil }
        let isOurs = topology.queues.contains { $0.name == binding.destination }
        if !binding.isToExchange, isOurs { return "its queue gets what is not meant for it, or gets it twice" }
        if binding.isToExchange, topology.exchanges.contains(where: { $0.name == binding.destination }) {
            return "what others publish passes for ours, and what is ours may come twice"
        }
        if binding.source.hasPrefix("retry."), topology.exchanges.contains(where: { $0.name == binding.source }) {
            return "copies of messages that are to be tried again go elsewhere"
        }
        return nil
    }

    /// Dead-lettering to nowhere loses messages, or piles them up unseen.
    mutating func checkDeadLettering() {
        for queue in state.queues {
            let policy = queue.effectivePolicy ?? [:]
            let target = queue.arguments["x-dead-letter-exchange"] ?? policy["dead-letter-exchange"]
            let key = queue.arguments["x-dead-letter-routing-key"] ?? policy["dead-letter-routing-key"]
            if let target, let gap = gap(to: target, key: key) {
                add(
                    "queue \(queue.name)", "\(gap): what it dead-letters is dropped, or stands in it unseen",
                    mend: "make the exchange and its binding, or take the dead-letter-exchange away")
            }
            if let leaving = queue.leaving, leaving > 0 {
                add(
                    "queue \(queue.name)",
                    "\(leaving) messages are past their time but can't leave: the queue they go to "
                        + "does not exist, refuses them or has no leader",
                    mend: "mend what is said of other queues here; the broker tries again every three minutes")
            }
        }
    }

    private func gap(to exchange: String, key: String?) -> String? {
        if exchange.isEmpty {
            guard let key, !state.queues.contains(where: { $0.name == key }) else { return nil }
            return "its dead letters go to the queue \(key), which does not exist"
        }
        guard let target = state.exchanges.first(where: { $0.name == exchange }) else {
            return "its dead letters go to the exchange \(exchange), which does not exist"
        }
        let keys = state.bindings.filter { $0.source == exchange }.map(\.routingKey)
        if keys.isEmpty { return "its dead letters go to the exchange \(exchange), which nothing is bound to" }
        if let key, target.type == "direct", !keys.contains(key) {
            return "its dead letters go to the exchange \(exchange), where nothing is bound for '\(key)'"
        }
        return nil
    }
}
