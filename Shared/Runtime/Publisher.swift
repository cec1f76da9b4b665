import AMQP
import Logging

/// Publishes with confirms: what it has returned from is in the broker's keeping.
public struct Publisher: Sendable {
    let link: Link<PublishRole>
    private let service: ServiceContext

    /// The most messages that wait for their confirm at a time, of one call.
    private static let window = 1_024

    init(_ name: String, service: ServiceContext) {
        self.service = service
        link = Link(name, service: service, role: PublishRole(topology: service.topology))
    }

    /// Publishes all `messages` and returns when the broker has confirmed each.
    ///
    /// What is refused, returned as unroutable, or in doubt after a lost connection is published again, with the same
    /// bytes and ids, for as long as it takes; a return means a broken topology, which is declared again first.
    /// - Throws: `CancellationError` when the service stops meanwhile.
    public func publish(_ messages: [OutgoingMessage]) async throws(CancellationError) {
        var start = 0
        while start < messages.count {
            let end = min(start + Self.window, messages.count)
            try await publishWindow(Array(messages[start..<end]))
            start = end
        }
    }

    private func publishWindow(_ messages: [OutgoingMessage]) async throws(CancellationError) {
        let start = ContinuousClock.now
        var rest = messages
        var round = 0
        while true {
            let failures = try await attempt(rest)
            service.telemetry.sent(rest.count - failures.count)
            if failures.isEmpty {
                service.telemetry.published(within: ContinuousClock.now - start)
                return
            }
            rest = failures.map { rest[$0.index] }
            if let returned = failures.first(where: { $0.why != .lost && $0.why != .refused }) {
                let isOperators = service.topology.isOperators
                service.logger.error(
                    "unroutable: \(isOperators ? "a binding is missing" : "the topology is declared again")",
                    metadata: [
                        "exchange": "\(rest[0].exchange)", "routing_key": "\(rest[0].routingKey)",
                        "error": "\(returned.why)",
                    ])
                let topology = service.topology
                await link.perform { role, connection throws(AMQPError) in
                    try topology.declare(on: &connection, channel: PublishRole.channel)
                }
            }
            let isRefused = failures.contains { $0.why == .refused }
            if isRefused, round % 3 == 2 {
                // A channel that was opened while a queue had no leader may be refused for good.
                await link.perform { _, _ throws(AMQPError) -> Void in
                    throw AMQPError(.connectionLost, "publishing: refused three times")
                }
            } else if round > 0 || isRefused {
                do { try await Task.sleep(for: Backoff.delay(min(round, 4))) } catch { throw CancellationError() }
            }
            round += 1
        }
    }

    /// Publishes `messages` once, as soon as there is a connection.
    /// - Returns: those that were not confirmed, and why.
    /// - Throws: `CancellationError` when the service stops meanwhile.
    func attempt(_ messages: [OutgoingMessage]) async throws(CancellationError) -> [PublishRole.Failure] {
        try await link.publish(messages, appID: service.name)
    }
}

extension Link<PublishRole> {
    fileprivate func publish(
        _ messages: [OutgoingMessage], appID: String
    ) async throws(CancellationError) -> [PublishRole.Failure] {
        try await ready()
        return await withCheckedContinuation { continuation in
            let round = PublishRole.Round(messages, by: appID, continuation)
            let isPublished: Void? = perform { role, connection throws(AMQPError) in
                try role.publish(round, on: &connection)
            }
            if isPublished == nil { round.lose() }
            CrashPoints.pass(.published)
        }
    }
}

/// A connection that publishes, and what it has published but not seen confirmed.
struct PublishRole: LinkRole {
    static let channel: UInt16 = 1

    /// Why a message was not confirmed.
    enum Why: Equatable, CustomStringConvertible {
        case lost, refused
        case returned(String)

        var description: String {
            switch self {
            case .lost: "the connection was lost"
            case .refused: "the broker refused it"
            case .returned(let why): why
            }
        }
    }
    struct Failure: Sendable {
        let index: Int
        let why: Why
    }

    /// Messages published together. @unchecked because it is touched on its link's thread only.
    final class Round: @unchecked Sendable {
        let messages: [OutgoingMessage]
        /// Who publishes those that don't say it.
        let appID: String
        let start = ContinuousClock.now
        private var missing: Int
        private var failures: [Failure] = []
        private var continuation: CheckedContinuation<[Failure], Never>?

        init(
            _ messages: [OutgoingMessage], by appID: String, _ continuation: CheckedContinuation<[Failure], Never>
        ) {
            self.messages = messages
            self.appID = appID
            self.continuation = continuation
            missing = messages.count
        }

        func settle(_ index: Int, _ why: Why?) {
            if let why { failures.append(Failure(index: index, why: why)) }
            missing -= 1
            if missing == 0 { finish() }
        }

        /// None of it was published.
        func lose() {
            failures = messages.indices.map { Failure(index: $0, why: .lost) }
            finish()
        }

        private func finish() {
            continuation?.resume(returning: failures)
            continuation = nil
        }
    }

    private struct Entry {
        let round: Round
        let index: Int
        var returned: Why?
        var isSettled = false
    }

    private let topology: Topology
    /// What awaits its confirm, oldest first, from the delivery tag `firstTag` on.
    private var entries: [Entry] = []
    private var head = 0
    /// The first that is not sent yet.
    private var unsent = 0
    private var firstTag: UInt64 = 1
    private var patience = ConfirmPatience()
    private(set) var isReady = true

    init(topology: Topology) { self.topology = topology }

    mutating func open(on connection: inout AMQPConnection) throws(AMQPError) {
        try connection.openChannel(Self.channel)
        try topology.declare(on: &connection, channel: Self.channel)
        try connection.selectConfirms(channel: Self.channel)
        firstTag = 1
        isReady = true
    }

    mutating func publish(_ round: Round, on connection: inout AMQPConnection) throws(AMQPError) {
        // Noted before the first byte is sent: whatever fails from here on settles them.
        for index in round.messages.indices { entries.append(Entry(round: round, index: index)) }
        try send(on: &connection)
    }

    /// Sends what there is room for; confirms make room for the rest.
    private mutating func send(on connection: inout AMQPConnection) throws(AMQPError) {
        guard isReady, unsent < entries.count else { return }
        connection.setCorked(true)
        defer { connection.setCorked(false) }
        var room = 0
        while unsent < entries.count {
            // Where there is room there is so much at least.
            if room <= 0 {
                guard connection.isWritable else { return }
                room = 4_096
            }
            let entry = entries[unsent]
            unsent += 1
            let outgoing = entry.round.messages[entry.index]
            try connection.publish(
                outgoing.message, to: outgoing.exchange, routingKey: outgoing.routingKey, by: entry.round.appID,
                isMandatory: outgoing.isMandatory, channel: Self.channel)
            room -= outgoing.message.body.count + 256
        }
    }

    mutating func receive(_ incoming: AMQPIncoming, on connection: inout AMQPConnection) throws(AMQPError) {
        switch incoming {
        case .confirmed(let tag, let multiple):
            patience.restore()
            settle(tag, multiple, nil)
        case .refused(let tag, let multiple): settle(tag, multiple, .refused)
        case .returned(let exchange, let routingKey, let message, let why):
            noteReturn(exchange, routingKey, message, why)
        case .blocked: isReady = false
        case .unblocked:
            patience.begin()
            isReady = true
        case .delivery, .empty, .consumerCancelled: break
        }
        try send(on: &connection)
    }

    private mutating func settle(_ tag: UInt64, _ multiple: Bool, _ why: Why?) {
        guard tag >= firstTag, tag - firstTag < UInt64(entries.count - head) else { return }
        let position = head + Int(tag - firstTag)
        if multiple { for each in head..<position { settle(at: each, why) } }
        settle(at: position, why)
        while head < entries.count, entries[head].isSettled {
            head += 1
            firstTag += 1
        }
        if head == entries.count || head > 4_096 {
            entries.removeFirst(head)
            unsent -= head
            head = 0
        }
    }

    private mutating func settle(at position: Int, _ why: Why?) {
        guard !entries[position].isSettled else { return }
        entries[position].isSettled = true
        let entry = entries[position]
        entry.round.settle(entry.index, entry.returned ?? why)
    }

    /// A return names no delivery tag: the message itself tells which it was. Its confirm is still to come.
    private mutating func noteReturn(_ exchange: String, _ routingKey: String, _ message: AMQPMessage, _ why: String) {
        let position = entries[head...].firstIndex { entry in
            let sent = entry.round.messages[entry.index]
            return !entry.isSettled && entry.returned == nil && sent.exchange == exchange
                && sent.routingKey == routingKey && sent.message.messageID == message.messageID
                && sent.message.correlationID == message.correlationID && sent.message.body == message.body
        }
        if let position { entries[position].returned = .returned(why) }
    }

    mutating func pause() throws(AMQPError) {
        guard isReady, head < entries.count else { return }
        try patience.check(entries[head].round.start)
    }

    mutating func lose() {
        let lost = entries[head...]
        entries = []
        (head, unsent) = (0, 0)
        isReady = true
        for entry in lost where !entry.isSettled { entry.round.settle(entry.index, .lost) }
    }
}
