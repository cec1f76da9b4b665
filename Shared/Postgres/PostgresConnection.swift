import ConnectionThread
import Metrics

/// One connection to PostgreSQL, on a thread of its own or on its owner's.
///
/// It connects on first use, and again on the next use after it was lost. Waits are bounded: 5 s to connect to each
/// address of the server, 30 s for each statement, after which the connection is given up. Statements are not
/// interrupted by the cancellation of the task that waits for them.
public actor PostgresConnection {
    let thread: ConnectionThread
    private let ownsThread: Bool
    private let url: String
    private let applicationName: String
    private let files: PostgresFiles
    private let statementLimit: Duration
    private let connectSeconds: Int

    private var link: PostgresLink?
    /// The statements that the server has prepared on this link, by their text.
    private var prepared: [String: Prepared] = [:]
    /// By kind of statement.
    private var timers: [String: Timer] = [:]
    private var nextName = 0
    private var isInTransaction = false
    /// The first failure inside the transaction, after which the server refuses everything but its end.
    private var failure: PostgresError?

    private struct Prepared {
        let name: String
        let timer: Timer
    }

    private static let attempts = 20
    /// Texts beyond are prepared for each use: programs have few, and must not fill the server with generated ones.
    private static let preparedLimit = 500

    /// Does not connect yet.
    /// - Parameters:
    ///   - url: libpq's URI; `problem(inURL:)` tells beforehand what is wrong with it.
    ///   - applicationName: what the server shows for this connection, unless the URL says otherwise.
    ///   - files: what TLS is made with, unless the URL says otherwise.
    public init(url: String, applicationName: String, files: PostgresFiles = PostgresFiles()) {
        self.init(url: url, applicationName: applicationName, files: files, thread: nil)
    }

    /// - Parameter thread: to share, with whoever does nothing while this waits; `nil` for one of its own.
    init(
        url: String, applicationName: String, files: PostgresFiles = PostgresFiles(),
        statementLimit: Duration = .seconds(30), connectSeconds: Int = 5, thread: ConnectionThread? = nil
    ) {
        ownsThread = thread == nil
        self.thread = thread ?? ConnectionThread(name: "postgres")
        self.url = url
        self.applicationName = applicationName
        self.files = files
        self.statementLimit = statementLimit
        self.connectSeconds = connectSeconds
    }

    deinit { if ownsThread { thread.stop() } }

    /// The connection's thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe thread.asUnownedSerialExecutor() }

    /// Runs `body` on the connection's thread, all its statements in one transaction, which is undone when it throws.
    ///
    /// After a deadlock or a conflict with another transaction `body` runs again at once, at most 20 times in all; so
    /// it must have no effects besides its statements. A statement that failed fails the transaction, also where
    /// `body` catches the error.
    /// Unless `body` is a single `try …`, it must say what it throws: `{ db throws(PostgresError) in … }`.
    /// - Throws: what `body` throws, or the failure to begin or to commit. Where `isDependencyAway` is true, the
    ///   transaction may have been committed nevertheless.
    public func transaction<T: Sendable>(
        _ body: @Sendable (isolated PostgresConnection) throws(PostgresError) -> T
    ) async throws(PostgresError) -> T {
        try repeating { () throws(PostgresError) in try once(body) }
    }

    /// Runs `body` on the connection's thread, each of its statements a transaction of its own: one journey to the server
    /// each, where a transaction around them costs two more.
    /// - Throws: what `body` throws.
    public func statements<T: Sendable>(
        _ body: @Sendable (isolated PostgresConnection) throws(PostgresError) -> T
    ) throws(PostgresError) -> T {
        try body(self)
    }

    /// Runs one statement, inside `transaction` as part of it, elsewhere as a transaction of its own (repeated like
    /// one). It is prepared at its first use on each connection, so `sql` should be a constant text.
    /// - Throws: `PostgresError` for whatever the server refuses, and for a lost or silent connection.
    public func query(_ sql: String, _ parameters: [PostgresParameter] = []) throws(PostgresError) -> PostgresRows {
        let values = try CStrings(parameters)
        return PostgresRows(
            try repeating { () throws(PostgresError) in
                try using { (link) throws(PostgresError) in try execute(sql, values, on: link) }
            })
    }

    /// Runs several statements without parameters, separated by `;`, in one transaction unless they say otherwise
    /// (for migrations). They share the time limit of one statement.
    /// - Throws: `PostgresError` of the first statement that failed.
    public func execute(script: String) throws(PostgresError) {
        let timer = timer(of: script)
        _ = try using { (link) throws(PostgresError) in
            try timed(timer) { () throws(PostgresError) in try link.run(script: script, within: statementLimit) }
        }
    }

    /// Closes the connection; the next use opens it again.
    public func close() {
        link = nil
        prepared = [:]
    }

    private func once<T>(
        _ body: (isolated PostgresConnection) throws(PostgresError) -> T
    ) throws(PostgresError) -> T {
        try execute(script: "BEGIN")
        isInTransaction = true
        defer {
            isInTransaction = false
            failure = nil
        }
        do throws(PostgresError) {
            let value = try body(self)
            if let failure { throw failure }
            try execute(script: "COMMIT")
            return value
        } catch {
            // Where that fails, the end of the connection undoes the transaction as well.
            do throws(PostgresError) { try execute(script: "ROLLBACK") } catch { close() }
            throw error
        }
    }

    /// Repeats what a conflict or a stale prepared statement undid, unless a transaction around it has to be.
    private func repeating<T>(_ attempt: () throws(PostgresError) -> T) throws(PostgresError) -> T {
        var count = 1
        while true {
            do throws(PostgresError) {
                return try attempt()
            } catch {
                let isWorthwhile = error.isRepeatable || error.isStaleStatement
                guard isWorthwhile, !isInTransaction, count < Self.attempts else { throw error }
                count += 1
            }
        }
    }

    /// Does something with the connection, opened where there is none, and gives it up where it broke.
    private func using<T>(_ body: (PostgresLink) throws(PostgresError) -> T) throws(PostgresError) -> T {
        let link = try usableLink()
        do throws(PostgresError) {
            return try body(link)
        } catch {
            if isInTransaction, failure == nil { failure = error }
            if link.isBroken { close() }
            throw error
        }
    }

    private func usableLink() throws(PostgresError) -> PostgresLink {
        if let link, isInTransaction || !link.isClosed { return link }
        // The rest of a transaction must not run on another connection, outside of it.
        if isInTransaction { throw failure ?? PostgresError(.connectionLost, "closed within the transaction") }
        close()
        let link = try PostgresLink(
            url: url, applicationName: applicationName, files: files, timeLimit: connectSeconds)
        // The server gives up first, so that it does not go on with what nobody waits for; and it lets go of the locks
        // of a transaction whose client was cut off.
        // Our statements look for a few rows by their keys: the plan for that is the same for all parameters, and no other is
        // any good, least of all one that was made while a table was small, and reads all of it ever after.
        let limit = statementLimit.components.seconds * 1000 * 5 / 6
        let setup = """
            SET statement_timeout = \(limit); SET idle_in_transaction_session_timeout = \(limit);
            SET timezone = 'UTC'; SET datestyle = 'ISO, YMD';
            SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET jit = off
            """
        _ = try link.run(script: setup, within: statementLimit)
        self.link = link
        return link
    }

    private func execute(
        _ sql: String, _ parameters: CStrings, on link: PostgresLink
    ) throws(PostgresError) -> PostgresResult {
        if let known = prepared[sql] {
            do throws(PostgresError) {
                return try run(known, parameters, on: link)
            } catch {
                // A migration concerns many at once; the new names differ from those that the server still has.
                if error.isStaleStatement { prepared = [:] }
                throw error
            }
        }
        let isKept = prepared.count < Self.preparedLimit
        let new = Prepared(name: isKept ? "s\(nextName)" : "", timer: timer(of: sql))
        nextName += 1
        try link.prepare(sql, name: new.name, within: statementLimit)
        if isKept { prepared[sql] = new }
        return try run(new, parameters, on: link)
    }

    private func run(
        _ statement: Prepared, _ parameters: CStrings, on link: PostgresLink
    ) throws(PostgresError) -> PostgresResult {
        try timed(statement.timer) { () throws(PostgresError) in
            try link.execute(name: statement.name, parameters: parameters, within: statementLimit)
        }
    }

    /// Measures a round trip, failed ones included.
    private func timed<T>(_ timer: Timer, _ body: () throws(PostgresError) -> T) throws(PostgresError) -> T {
        let start = ContinuousClock.now
        defer { timer.record(duration: ContinuousClock.now - start) }
        return try body()
    }

    private func timer(of sql: String) -> Timer {
        let kind = StatementKind.of(sql)
        if let known = timers[kind] { return known }
        let made = Timer(
            label: "db.client.operation.duration",
            dimensions: [("db.system.name", "postgresql"), ("db.operation.name", kind)])
        timers[kind] = made
        return made
    }
}
