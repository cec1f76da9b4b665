import AMQP
import Logging

/// A queue to consume, and how.
public struct Subscription: Sendable {
    /// The queue.
    public let queue: String
    /// The most messages taken from the broker ahead of their handling.
    let prefetch: UInt16
    /// The most messages handled together.
    let batchLimit: Int
    /// How many batches are in work at a time: while one waits for its confirms, the next has begun.
    let workers: Int
    /// Whether its handler only computes and never waits.
    let isPure: Bool
    /// Whether what follows from its messages has a connection of its own.
    let isDirect: Bool
    /// Whether its messages are queries: dropped when too old, never retried, never dead letters.
    let isQuery: Bool
    /// Told what was published because of a batch when the broker has it.
    let confirmed: (@Sendable ([OutgoingMessage]) async -> Void)?
    /// Says of each message of a batch what came of it, in the batch's order.
    let handle: @Sendable ([Delivery]) async throws -> [Verdict]

    /// Handles batches of whatever has arrived.
    /// - Parameters:
    ///   - batchLimit: the most messages handled together: fewer than usual where each takes long, since a service that
    ///     is to stop finishes what it has begun. Twice as many are taken from the broker ahead.
    ///   - isDirect: whether it works on the thread of a publishing connection of its own: a message is not handed over then
    ///     between work and publishing, which makes its way shorter; others wait meanwhile when the handler waits.
    ///   - confirmed: told what was published because of a batch when the broker has it; not told where the process dies.
    ///   - handle: returns a verdict for each message, in order; throws ``DependencyAway`` while a dependency is away,
    ///     and anything else to have the messages handled one by one.
    public init(
        _ queue: String, isQuery: Bool = false, batchLimit: Int = 256, isDirect: Bool = false,
        confirmed: (@Sendable ([OutgoingMessage]) async -> Void)? = nil,
        handle: @escaping @Sendable ([Delivery]) async throws -> [Verdict]
    ) {
        self.init(
            queue, isQuery: isQuery, batchLimit: batchLimit, isPure: false, isDirect: isDirect, confirmed: confirmed,
            handle: handle)
    }

    private init(
        _ queue: String, isQuery: Bool, batchLimit: Int, isPure: Bool, isDirect: Bool,
        confirmed: (@Sendable ([OutgoingMessage]) async -> Void)? = nil,
        handle: @escaping @Sendable ([Delivery]) async throws -> [Verdict]
    ) {
        self.queue = queue
        self.isPure = isPure
        self.isDirect = isDirect
        self.isQuery = isQuery
        self.batchLimit = batchLimit
        self.confirmed = confirmed
        self.handle = handle
        prefetch = UInt16(2 * batchLimit)
        workers = 2
    }

    /// Handles messages one by one, where nothing is gained by handling them together and nothing is waited for.
    /// - Parameter handle: returns the verdict; what it throws is judged by ``Verdict/init(failure:)``.
    public init(each queue: String, isQuery: Bool = false, handle: @escaping @Sendable (Delivery) throws -> Verdict) {
        self.init(queue, isQuery: isQuery, batchLimit: 256, isPure: true, isDirect: false) { batch in
            batch.map { delivery in
                do { return try handle(delivery) } catch { return Verdict(failure: error) }
            }
        }
    }
}

/// Consumes the service's queues on one connection and hands what arrives to the inboxes.
struct ConsumeRole: LinkRole {
    private static let topologyChannel: UInt16 = 1

    private let topology: Topology
    private let subscriptions: [Subscription]
    private let inboxes: [Inbox]
    private var arrived: [[Delivery]]
    private var ledgers: [AckLedger]
    private var isPaused: [Bool]
    private var consumerTags: [String]
    /// Deliveries so far, and how many there were at the last look for phantoms.
    private var delivered: [Int]
    private var deliveredBefore: [Int]
    /// Counts the lives of all channels, so that an acknowledgement never meets another life's tags.
    private var epoch = 0
    /// When the first of what is arriving together arrived.
    private var arrival: ContinuousClock.Instant?
    let isReady = true

    init(topology: Topology, subscriptions: [Subscription], inboxes: [Inbox]) {
        self.topology = topology
        self.subscriptions = subscriptions
        self.inboxes = inboxes
        arrived = subscriptions.map { _ in [] }
        ledgers = subscriptions.map { _ in AckLedger(epoch: 0) }
        isPaused = subscriptions.map { _ in false }
        consumerTags = subscriptions.map { _ in "" }
        delivered = subscriptions.map { _ in 0 }
        deliveredBefore = delivered
    }

    private func channel(_ index: Int) -> UInt16 { UInt16(index) + Self.topologyChannel + 1 }

    mutating func open(on connection: inout AMQPConnection) throws(AMQPError) {
        try connection.openChannel(Self.topologyChannel)
        try topology.declare(on: &connection, channel: Self.topologyChannel)
        for index in subscriptions.indices {
            isPaused[index] = false
            try consume(index, on: &connection)
        }
    }

    mutating func declareTopology(on connection: inout AMQPConnection) throws(AMQPError) {
        try topology.declare(on: &connection, channel: Self.topologyChannel)
    }

    private mutating func consume(_ index: Int, on connection: inout AMQPConnection) throws(AMQPError) {
        epoch += 1
        ledgers[index] = AckLedger(epoch: epoch)
        try connection.openChannel(channel(index))
        consumerTags[index] = try connection.consume(
            subscriptions[index].queue, prefetch: subscriptions[index].prefetch, channel: channel(index))
        inboxes[index].open()
    }

    mutating func receive(_ incoming: AMQPIncoming, on connection: inout AMQPConnection) throws(AMQPError) {
        switch incoming {
        case .delivery(let delivery):
            let index = Int(delivery.channel - Self.topologyChannel) - 1
            delivered[index] += 1
            ledgers[index].note(delivery.tag)
            let now = arrival ?? .now
            arrival = now
            arrived[index].append(
                Delivery(delivery, from: subscriptions[index].queue, epoch: ledgers[index].epoch, arrival: now))
        case .consumerCancelled(let tag):
            // Its queue was deleted, or has no leader: until it is back, others publish past it.
            guard let index = consumerTags.firstIndex(of: tag) else { break }
            try giveBack(index, on: &connection)
            try declareTopology(on: &connection)
            try resume(index, on: &connection)
        case .empty, .confirmed, .refused, .returned, .blocked, .unblocked: break
        }
    }

    mutating func pause() {
        arrival = nil
        for index in arrived.indices where !arrived[index].isEmpty {
            inboxes[index].put(arrived[index])
            arrived[index].removeAll(keepingCapacity: true)
        }
    }

    mutating func lose() {
        epoch += 1
        for index in subscriptions.indices {
            ledgers[index] = AckLedger(epoch: epoch)
            arrived[index] = []
            inboxes[index].clear()
        }
    }

    /// Acknowledges what has been dealt with, unless its channel is gone.
    mutating func acknowledge(
        _ deliveries: [Delivery], of index: Int, on connection: inout AMQPConnection
    ) throws(AMQPError) {
        guard deliveries.first?.epoch == ledgers[index].epoch else { return }
        if let tag = ledgers[index].finish(deliveries.map(\.tag)) {
            try connection.acknowledge(tag, multiple: true, channel: channel(index))
        }
    }

    /// The number of messages that wait in a queue; `nil` if it is none of ours.
    func waiting(in queue: String, on connection: inout AMQPConnection) throws(AMQPError) -> Int? {
        try topology.waiting(in: queue, on: &connection, channel: Self.topologyChannel)
    }

    /// Whether anything waits in quarantine.
    func hasQuarantined(on connection: inout AMQPConnection) throws(AMQPError) -> Bool {
        for queue in subscriptions.map(\.queue) where Topology.isGuarded(queue) {
            if try waiting(in: QueueName.quarantine(of: queue), on: &connection) ?? 0 > 0 { return true }
        }
        return false
    }

    /// Looks for phantoms: consumers that hold no message and have got none since the last look, although some wait.
    /// - Returns: their queues.
    mutating func phantoms(on connection: inout AMQPConnection) throws(AMQPError) -> [String] {
        var found: [String] = []
        for index in subscriptions.indices {
            let queue = subscriptions[index].queue
            let ready = try waiting(in: queue, on: &connection) ?? 0
            if !isPaused[index] { inboxes[index].noteWaiting(ready) }
            let isIdle = delivered[index] == deliveredBefore[index] && ledgers[index].isEmpty && !isPaused[index]
            if ready > 0, isIdle { found.append(queue) }
            deliveredBefore[index] = delivered[index]
        }
        return found
    }

    /// Gives all messages of a subscription back to its queue and consumes no more of it.
    mutating func giveBack(_ index: Int, on connection: inout AMQPConnection) throws(AMQPError) {
        guard !isPaused[index] else { return }
        isPaused[index] = true
        try connection.closeChannel(channel(index))
        epoch += 1
        ledgers[index] = AckLedger(epoch: epoch)
        arrived[index] = []
        inboxes[index].clear()
    }

    /// Consumes a subscription that had been given back.
    mutating func resume(_ index: Int, on connection: inout AMQPConnection) throws(AMQPError) {
        guard isPaused[index] else { return }
        isPaused[index] = false
        try consume(index, on: &connection)
    }
}

/// Which messages of a channel have been dealt with, so that one multiple acknowledgement covers many.
struct AckLedger {
    /// The life of the channel.
    let epoch: Int
    /// All tags up to this one are acknowledged.
    private var low: UInt64 = 0
    /// Tags above, dealt with out of order.
    private var ahead: Set<UInt64> = []
    /// Whether nothing has been delivered on this channel that is not acknowledged.
    var isEmpty: Bool { low == high }
    /// The latest tag that was delivered.
    private var high: UInt64 = 0

    init(epoch: Int) { self.epoch = epoch }

    /// Notes a delivery.
    mutating func note(_ tag: UInt64) { high = max(high, tag) }

    /// Notes tags as dealt with.
    /// - Returns: the tag to acknowledge, with all before it, or `nil` while an earlier one is still in work.
    mutating func finish(_ tags: [UInt64]) -> UInt64? {
        let before = low
        // Mostly in order, and then nothing needs to be remembered.
        for tag in tags { if tag == low + 1 { low = tag } else { ahead.insert(tag) } }
        while ahead.remove(low + 1) != nil { low += 1 }
        return low > before ? low : nil
    }
}
