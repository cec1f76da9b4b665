import ConnectionThread
import Synchronization

/// Some connections to one database, each opened when it is first needed.
public final class PostgresPool: Sendable {
    private struct Waiter {
        let id: Int
        let continuation: CheckedContinuation<PostgresConnection, any Error>
    }

    private struct State {
        var idle: [PostgresConnection] = []
        var opened = 0
        var waiters: [Waiter] = []
        var nextID = 0
    }

    private let url: String
    private let applicationName: String
    private let files: PostgresFiles
    private let size: Int
    private let waitLimit: Duration
    private let telemetry = PoolTelemetry()
    private let state = Mutex(State())

    /// Does not connect yet.
    /// - Parameters:
    ///   - url: libpq's URI, as for `PostgresConnection`.
    ///   - applicationName: what the server shows for these connections.
    ///   - files: what TLS is made with, unless the URL says otherwise.
    ///   - size: how many connections there are at most; at least 1.
    public convenience init(
        url: String, applicationName: String, files: PostgresFiles = PostgresFiles(), size: Int
    ) {
        self.init(url: url, applicationName: applicationName, files: files, size: size, waitLimit: .seconds(30))
    }

    init(
        url: String, applicationName: String, files: PostgresFiles = PostgresFiles(), size: Int, waitLimit: Duration
    ) {
        self.url = url
        self.applicationName = applicationName
        self.files = files
        self.size = max(1, size)
        self.waitLimit = waitLimit
    }

    /// Lends a connection to `body`, which must not keep it. Who waits longest for one gets the next.
    /// - Throws: what `body` throws; `PostgresError` with `.timedOut` when no connection became free within 30 s;
    ///   `CancellationError` when the task was cancelled while it waited for one.
    public nonisolated(nonsending) func with<T>(
        _ body: nonisolated(nonsending) (PostgresConnection) async throws -> T
    ) async throws -> T {
        let connection = try await take()
        note()
        defer { giveBack(connection) }
        return try await body(connection)
    }

    /// Runs `body` in a transaction on a connection of the pool; see `PostgresConnection.transaction` and `with`.
    public nonisolated(nonsending) func transaction<T: Sendable>(
        _ body: @Sendable (isolated PostgresConnection) throws(PostgresError) -> T
    ) async throws -> T {
        try await with { connection in try await connection.transaction(body) }
    }

    private nonisolated(nonsending) func take() async throws -> PostgresConnection {
        let start = ContinuousClock.now
        defer { telemetry.waited(since: start) }
        let (free, id) = state.withLock { state in
            state.nextID += 1
            return (takeFree(&state), state.nextID)
        }
        if let free { return free }
        let timer = Task {
            try await Task.sleep(for: waitLimit)
            giveUp(id, PostgresError(.timedOut, "no connection of the pool became free"))
        }
        defer { timer.cancel() }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                wait(Waiter(id: id, continuation: continuation))
            }
        } onCancel: {
            giveUp(id, CancellationError())
        }
    }

    /// A connection that can be had at once: where the caller runs on a connection's thread best one on that, so that
    /// nothing is handed over.
    private func takeFree(_ state: inout State) -> PostgresConnection? {
        let thread = ConnectionThread.current
        if let thread, let index = state.idle.lastIndex(where: { $0.thread === thread }) {
            return state.idle.remove(at: index)
        }
        // Without a thread to share, the one used last: it is warm, and those beyond need stay closed.
        if thread == nil, let last = state.idle.popLast() { return last }
        guard state.opened < size else { return state.idle.popLast() }
        state.opened += 1
        return PostgresConnection(url: url, applicationName: applicationName, files: files, thread: thread)
    }

    private func wait(_ waiter: Waiter) {
        let outcome: Result<PostgresConnection, any Error>? = state.withLock { state in
            // Under the lock: a later cancellation finds the waiter in the queue.
            if Task.isCancelled { return .failure(CancellationError()) }
            if let connection = takeFree(&state) { return .success(connection) }
            state.waiters.append(waiter)
            return nil
        }
        note()
        if let outcome { waiter.continuation.resume(with: outcome) }
    }

    private func giveUp(_ id: Int, _ error: any Error) {
        let waiter = state.withLock { state in
            state.waiters.firstIndex { $0.id == id }.map { state.waiters.remove(at: $0) }
        }
        note()
        waiter?.continuation.resume(throwing: error)
    }

    private func giveBack(_ connection: PostgresConnection) {
        let next: Waiter? = state.withLock { state in
            if state.waiters.isEmpty {
                state.idle.append(connection)
                return nil
            }
            return state.waiters.removeFirst()
        }
        note()
        next?.continuation.resume(returning: connection)
    }

    private func note() {
        // Under the lock: what is noted last is how it is.
        state.withLock { state in
            let idle = state.idle.count
            telemetry.note(used: state.opened - idle, idle: idle, waiting: state.waiters.count)
        }
    }
}
