import Contract
import Runtime

/// Something wrong at the broker.
struct Finding: Encodable {
    /// Where, such as `queue pricing.bookings`.
    let subject: String
    /// What is wrong, and what comes of it.
    let problem: String
    /// How to mend it.
    let mend: String
}

/// The comparison of what a vhost has with what the services declare.
struct Checkup {
    let topology: Topology
    let state: BrokerState
    let vhost: String
    /// The address of the API for a binding, to delete it.
    let address: (BrokerState.Binding) -> String
    private(set) var findings: [Finding] = []

    /// - Parameters: as the properties of the same names say.
    init(
        _ state: BrokerState, _ topology: Topology, vhost: String, address: @escaping (BrokerState.Binding) -> String
    ) {
        self.state = state
        self.topology = topology
        self.vhost = vhost
        self.address = address
        checkNodes()
        checkExchanges()
        checkQueues()
        checkBindings()
        checkDeadLettering()
    }

    /// What there is, in a few words.
    var summary: String {
        let nodes = state.nodes.count
        return "\(topology.exchanges.count) exchanges, \(topology.queues.count) queues and \(topology.bindings.count) "
            + "bindings are as declared, on \(nodes) \(nodes == 1 ? "node" : "nodes")"
    }

    mutating func add(_ subject: String, _ problem: String, mend: String) {
        findings.append(Finding(subject: subject, problem: problem, mend: mend))
    }

    /// `rabbitmqctl` with this vhost.
    func control(_ command: String) -> String { "rabbitmqctl -p '\(vhost)' \(command)" }

    /// What makes anew whatever is missing.
    var declareAgain: String {
        topology.isOperators
            ? "load the definitions again (rabbitmqctl import_definitions FILE): what is there stays"
            : "start a service: each declares everything, and again every 30 s"
    }

    // MARK: Nodes

    /// The longest that a silent node may keep the others waiting: what the services' own limits are made for.
    private static let longestTicktime = 20

    private mutating func checkNodes() {
        for node in state.nodes {
            let subject = "node \(node.name)"
            if !node.isRunning {
                add(
                    subject, "is not running", mend: "start it; if it is gone for good: rabbitmqctl forget_cluster_node"
                )
            }
            if node.hasMemoryAlarm {
                add(
                    subject, "has a memory alarm: nobody can publish, on any node, so the services wait",
                    mend: "look for long queues (rabbitmqctl list_queues name messages memory); give it more memory")
            }
            if node.hasDiskAlarm {
                add(
                    subject, "has a disk alarm: nobody can publish, on any node, so the services wait",
                    mend: "free space on the disk that holds its data")
            }
            if !node.partitions.isEmpty {
                add(
                    subject, "is cut off from \(node.partitions.joined(separator: ", ")), and both sides go on",
                    mend: "restart the nodes of the smaller side; set cluster_partition_handling = pause_minority")
            }
            if let ticktime = node.ticktime, ticktime > Self.longestTicktime, state.nodes.count > 1 {
                add(
                    subject,
                    "takes \(ticktime) s and more to give up a node that is cut off; work stands still meanwhile",
                    mend: "set net_ticktime = 15 in rabbitmq.conf, the same on all nodes")
            }
        }
    }

    // MARK: Exchanges

    private mutating func checkExchanges() {
        for declared in topology.exchanges {
            let subject = "exchange \(declared.name)"
            guard let exchange = state.exchanges.first(where: { $0.name == declared.name }) else {
                add(
                    subject, "does not exist: whatever is published to it closes the publisher's channel",
                    mend: declareAgain)
                continue
            }
            if exchange.type != declared.type || !exchange.isPlain || !exchange.arguments.isEmpty {
                let more = exchange.arguments.map { ", \($0.key) \($0.value)" }.sorted().joined()
                let rest = exchange.isPlain ? "" : ", not durable, auto-delete or internal"
                add(
                    subject,
                    "is \(exchange.type)\(rest)\(more), where \(declared.type) and durable is declared: services can't start",
                    mend: "stop what publishes to it, delete it with its bindings, and \(declareAgain)"
                )
            }
            let alternate = exchange.policy.flatMap { state.policies[$0]?["alternate-exchange"] }
            if let policy = exchange.policy, let alternate {
                add(
                    subject,
                    "has the alternate exchange \(alternate) by the policy \(policy): what no queue is bound for is not returned",
                    mend: control("clear_policy '\(policy)'"))
            }
        }
    }
}
