import AMQP
import ConnectionThread
import Logging

/// What a connection to the broker is for. Lives on its link's thread.
protocol LinkRole: SendableMetatype {
    /// Sets a fresh connection up.
    mutating func open(on connection: inout AMQPConnection) throws(AMQPError)
    /// Takes what arrived.
    mutating func receive(_ incoming: AMQPIncoming, on connection: inout AMQPConnection) throws(AMQPError)
    /// Everything that had arrived has been taken; called every two seconds at least.
    mutating func pause() throws(AMQPError)
    /// The connection is gone, and with it what was under way on it.
    mutating func lose()
    /// Whether work may go on, once the connection is open.
    var isReady: Bool { get }
}

/// A connection that comes back by itself, and the state of what it is for, on a thread of their own.
actor Link<Role: LinkRole> {
    /// The thread of the connection, which whoever mostly waits for it may share.
    nonisolated let thread: ConnectionThread
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    private let addresses: [AMQPAddress]
    private let name: String
    private let logger: Logger
    private let telemetry: Telemetry
    private let health: Health
    private var role: Role
    private var connection: AMQPConnection?
    private var isStopping = false
    /// Tasks that wait for the connection to be open and ready.
    private var waiting: [CheckedContinuation<Void, Never>] = []
    /// The task that waits for the connection's end.
    private var ended: CheckedContinuation<Void, Never>?

    init(_ name: String, service: ServiceContext, role: sending Role) {
        thread = ConnectionThread(name: name)
        self.name = name
        self.role = role
        addresses = service.settings.broker
        logger = service.logger
        telemetry = service.telemetry
        health = service.health
        health.report(name, "not connected yet")
        telemetry.blocked(name, false)
    }

    deinit { thread.stop() }

    /// Keeps the connection open until ``stop()``: to any node of a cluster, so that not all lose the same one.
    func run() async {
        var node = Int.random(in: addresses.indices)
        var attempt = 0
        while !isStopping, !Task.isCancelled {
            do throws(AMQPError) {
                try connect(to: addresses[node])
                attempt = 0
                // Asked where it is stored: setting up may have ended the connection already, or somebody else meanwhile.
                await withCheckedContinuation { if connection == nil { $0.resume() } else { ended = $0 } }
            } catch {
                fail(error)
            }
            guard !isStopping else { return }
            telemetry.reconnected(name)
            node = (node + 1) % addresses.count
            attempt += 1
            // The next node of a cluster is tried soon, though not before its queues have elected their leaders; the delay
            // grows with each round of the nodes.
            let isRound = attempt % addresses.count == 0
            try? await Task.sleep(for: isRound ? Backoff.delay(attempt / addresses.count - 1) : .seconds(1))
        }
    }

    private func connect(to address: AMQPAddress) throws(AMQPError) {
        var connection = try AMQPConnection(to: address, name: name)
        try role.open(on: &connection)
        let socket = connection.socket
        self.connection = consume connection
        logger.info("connected", metadata: ["connection": "\(name)", "broker": "\(address.host):\(address.port)"])
        thread.watch(.init(socket: socket, interval: 2_000) { [weak self] in self?.assumeIsolated { $0.read() } })
        read()
        resumeWaiting()
    }

    /// Says goodbye to the broker and ends ``run()``.
    func stop() {
        isStopping = true
        thread.watch(nil)
        role.lose()
        if let connection = connection.take() { connection.close() }
        ended?.resume()
        ended = nil
        for task in waiting { task.resume() }
        waiting = []
    }

    /// Returns when the connection is open and its role is ready.
    /// - Throws: `CancellationError` after ``stop()``.
    func ready() async throws(CancellationError) {
        while !isStopping, !isUsable {
            await withCheckedContinuation { if isStopping || isUsable { $0.resume() } else { waiting.append($0) } }
        }
        if isStopping { throw CancellationError() }
    }

    private var isUsable: Bool { connection != nil && role.isReady }

    /// Runs `body` with the role and the connection; a failure ends the connection.
    /// - Returns: `nil` where there is no connection, or no longer.
    @discardableResult
    func perform<T: Sendable>(
        _ body: @Sendable (inout Role, inout AMQPConnection) throws(AMQPError) -> T
    ) -> T? {
        guard var current = connection.take() else { return nil }
        do throws(AMQPError) {
            let result = try body(&role, &current)
            let hasUnread = current.hasUnread
            connection = consume current
            if hasUnread { read() }
            return result
        } catch {
            fail(error)
            return nil
        }
    }

    /// The same as ``perform(_:)``, in the order of these calls, without waiting for it.
    nonisolated func performLater(
        _ body: @escaping @Sendable (inout Role, inout AMQPConnection) throws(AMQPError) -> Void
    ) {
        Task(executorPreference: thread) { await self.perform(body) }
    }

    private func read() {
        guard var current = connection.take() else { return }
        do throws(AMQPError) {
            while let incoming = try current.next() {
                report(incoming)
                try role.receive(incoming, on: &current)
            }
            try role.pause()
            connection = consume current
            resumeWaiting()
        } catch {
            fail(error)
        }
    }

    private func report(_ incoming: AMQPIncoming) {
        switch incoming {
        case .blocked(let reason):
            logger.warning("the broker is blocked by an alarm", metadata: ["reason": "\(reason)"])
            health.report("\(name) blocked", "the broker has an alarm: \(reason)")
            telemetry.blocked(name, true)
        case .unblocked:
            logger.info("the broker's alarm is over")
            unblock()
        default: break
        }
    }

    private func unblock() {
        health.report("\(name) blocked", nil)
        telemetry.blocked(name, false)
    }

    private func resumeWaiting() {
        guard connection != nil, role.isReady else { return }
        health.report(name, nil)
        for task in waiting { task.resume() }
        waiting = []
    }

    private func fail(_ error: AMQPError) {
        connection = nil
        thread.watch(nil)
        role.lose()
        health.report(name, error.description)
        unblock()
        if !isStopping {
            logger.warning("no connection", metadata: ["connection": "\(name)", "error": "\(error)"])
        }
        ended?.resume()
        ended = nil
    }
}

/// Delays between attempts to reach a dependency.
enum Backoff {
    /// 0.5 s, doubled with each attempt, 30 s at most; a random half of it off, so that replicas don't come in step.
    static func delay(_ attempt: Int) -> Duration {
        let longest = min(30_000, 500 << min(attempt, 10))
        return .milliseconds(Int.random(in: longest / 2...longest))
    }
}
