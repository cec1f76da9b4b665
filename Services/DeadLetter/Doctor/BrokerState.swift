import AMQP
import BrokerAPI
import Contract
import Runtime

/// What a vhost of the broker has, as the management API tells it at one moment.
struct BrokerState {
    /// A node of the cluster.
    struct Node {
        let name: String
        let isRunning: Bool
        let hasMemoryAlarm: Bool
        let hasDiskAlarm: Bool
        /// The nodes that it has given up although they run.
        let partitions: [String]
        /// Seconds until it gives up a node that is silent; `nil` while it is down.
        let ticktime: Int?
    }

    /// A queue. What the broker only has as a statistic is `nil` in the first seconds of its life, or while it is down.
    struct Queue {
        let name: String
        let type: String
        let isPlain: Bool
        let arguments: [String: String]
        let policy: String?
        let operatorPolicy: String?
        let effectivePolicy: [String: String]?
        let messages: Int?
        /// Dead-lettered, but not yet taken by the queue that they are to go to.
        var leaving: Int?
        let members: [String]
        let online: [String]
        let leader: String?
    }

    /// An exchange.
    struct Exchange {
        let name: String
        let type: String
        let isPlain: Bool
        let arguments: [String: String]
        let policy: String?
    }

    /// A binding.
    struct Binding {
        let source: String
        let destination: String
        let isToExchange: Bool
        let routingKey: String
        /// How the API names it between this source and destination.
        let key: String
    }

    let nodes: [Node]
    private(set) var queues: [Queue]
    let exchanges: [Exchange]
    let bindings: [Binding]
    /// The queues that have a consumer.
    let consumed: Set<String>
    /// What policies say, by name.
    let policies: [String: [String: String]]

    /// Reads it all.
    /// - Returns: `nil` where there is no such vhost.
    init?(_ api: BrokerAPI, vhost: String) throws(BrokerAPI.Failure) {
        guard let queues = try api.list("queues", vhost), let exchanges = try api.list("exchanges", vhost) else {
            return nil
        }
        self.queues = queues.map(Queue.init)
        self.exchanges = exchanges.map(Exchange.init)
        nodes = (try api.list("nodes") ?? []).map(Node.init)
        bindings = (try api.list("bindings", vhost) ?? []).map(Binding.init)
        consumed = Set((try api.list("consumers", vhost) ?? []).compactMap { $0["queue"]?.object?.text("name") })
        // Not everyone may read them; those of queues are told by the queues, too.
        let policies = (try? api.list("policies", vhost)) ?? []
        self.policies = .init(policies.map { ($0.text("name"), $0.table("definition")) }) { $1 }
    }

    /// Whether the broker may not have told everything yet: statistics come seconds after what they are about, and
    /// messages stay for a moment in the queue that they are leaving.
    func isPreliminary(for topology: Topology) -> Bool {
        queues.contains { queue in
            topology.queues.contains { $0.name == queue.name }
                && (queue.effectivePolicy == nil || queue.leaving ?? 0 > 0)
        }
    }

    /// Leaves out the messages that have left since an earlier look.
    mutating func keepWhatStayed(since earlier: BrokerState) {
        for index in queues.indices {
            let before = earlier.queues.first { $0.name == queues[index].name }?.leaving ?? .max
            queues[index].leaving = queues[index].leaving.map { min($0, before) }
        }
    }
}

extension BrokerState.Node {
    fileprivate init(_ json: JSON.Object) {
        name = json.text("name")
        isRunning = json["running"]?.bool ?? false
        hasMemoryAlarm = json["mem_alarm"]?.bool ?? false
        hasDiskAlarm = json["disk_free_alarm"]?.bool ?? false
        partitions = json.texts("partitions")
        ticktime = json["net_ticktime"]?.integer.map(Int.init)
    }
}

extension BrokerState.Queue {
    fileprivate init(_ json: JSON.Object) {
        name = json.text("name")
        type = json.text("type")
        isPlain = json["durable"]?.bool == true && json["auto_delete"]?.bool != true && json["exclusive"]?.bool != true
        arguments = json.table("arguments")
        policy = json["policy"]?.string
        operatorPolicy = json["operator_policy"]?.string
        effectivePolicy = json["effective_policy_definition"] == nil ? nil : json.table("effective_policy_definition")
        messages = json["messages"]?.integer.map(Int.init)
        leaving = json["messages_dlx"]?.integer.map(Int.init)
        members = json.texts("members")
        online = json.texts("online")
        leader = json["leader"]?.string
    }
}

extension BrokerState.Exchange {
    fileprivate init(_ json: JSON.Object) {
        name = json.text("name")
        type = json.text("type")
        isPlain = json["durable"]?.bool == true && json["auto_delete"]?.bool != true && json["internal"]?.bool != true
        arguments = json.table("arguments")
        policy = json["policy"]?.string
    }
}

extension BrokerState.Binding {
    fileprivate init(_ json: JSON.Object) {
        source = json.text("source")
        destination = json.text("destination")
        isToExchange = json["destination_type"]?.string == "exchange"
        routingKey = json.text("routing_key")
        key = json.text("properties_key")
    }
}

extension JSON.Object {
    fileprivate func text(_ name: String) -> String { self[name]?.string ?? "" }

    fileprivate func texts(_ name: String) -> [String] { self[name]?.array?.compactMap(\.string) ?? [] }

    /// An object's members, each as a person would write it.
    fileprivate func table(_ name: String) -> [String: String] {
        guard let object = self[name]?.object else { return [:] }
        return .init(object.names.map { ($0, object[$0]?.written ?? "") }) { $1 }
    }
}

extension JSON.Value {
    fileprivate var written: String { string ?? integer.map(String.init) ?? bool.map(String.init) ?? "…" }
}

extension AMQPValue {
    /// As the same value of the API is written.
    var written: String {
        switch self {
        case .text(let text): text
        case .int(let value): String(value)
        case .bool(let value): String(value)
        default: "…"
        }
    }
}
