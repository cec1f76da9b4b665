import CLibPQ
import Glibc

/// One open connection of libpq, until the first failure of the connection itself.
///
/// Not Sendable, so that it stays with its actor and the actor's thread.
@safe final class PostgresLink {
    private let connection: OpaquePointer
    /// A deadline or the network has ended it: the outcome of the last statement is unknown and nothing more is sent.
    private(set) var isBroken = false

    /// Connects and logs in within `timeLimit` for each host and address of the URL, apart from looking up names.
    init(
        url: String, applicationName: String, files: PostgresFiles, timeLimit: Int
    ) throws(PostgresError) {
        if let problem = PostgresConnection.problem(inURL: url) { throw PostgresError(.connectionLost, problem) }
        // Of a setting that is given twice, libpq takes the last one: what stands before `dbname` the URL may change.
        let settings =
            [
                ("application_name", applicationName), ("keepalives_idle", "15"), ("keepalives_interval", "5"),
                ("keepalives_count", "3"), ("tcp_user_timeout", "30000"),
            ] + files.settings + [
                ("dbname", url), ("client_encoding", "UTF8"), ("connect_timeout", String(timeLimit)),
            ]
        let keywords = CStrings(settings.map(\.0) + [nil])
        let values = CStrings(settings.map(\.1) + [nil])
        let opened = unsafe keywords.withPointers { keywords in
            unsafe values.withPointers { values in unsafe PQconnectdbParams(keywords, values, 1) }
        }
        guard let opened = unsafe opened else { throw PostgresError(.connectionLost, "out of memory") }
        guard unsafe PQstatus(opened) == CONNECTION_OK, unsafe PQsetnonblocking(opened, 1) == 0 else {
            // A line for each address that was tried; those that begin with a tab only guess.
            let lines = unsafe String(cString: PQerrorMessage(opened)).split(separator: "\n")
            let message = lines.filter { !$0.hasPrefix("\t") }.joined(separator: "; ")
            unsafe PQfinish(opened)
            throw PostgresError(.connectionLost, message + PostgresFiles.hint(on: message))
        }
        unsafe PQsetNoticeProcessor(opened, { _, _ in }, nil)
        unsafe connection = opened
    }

    deinit { unsafe PQfinish(connection) }

    /// Whether the other end closed the connection while nothing was under way.
    ///
    /// A server that stops says so unasked. What else may come unasked is rare enough to connect anew for it.
    var isClosed: Bool {
        if isBroken { return true }
        var descriptor = unsafe pollfd(fd: PQsocket(connection), events: Int16(POLLIN), revents: 0)
        return unsafe poll(&descriptor, 1, 0) > 0
    }

    /// Runs one or several statements without parameters.
    func run(script: String, within limit: Duration) throws(PostgresError) -> PostgresResult {
        try answer(to: unsafe PQsendQuery(connection, script), within: limit)
    }

    /// Has the server parse and plan a statement, to be executed under `name`.
    func prepare(_ sql: String, name: String, within limit: Duration) throws(PostgresError) {
        _ = try answer(to: unsafe PQsendPrepare(connection, name, sql, 0, nil), within: limit)
    }

    /// Executes a prepared statement.
    func execute(
        name: String, parameters: CStrings, within limit: Duration
    ) throws(PostgresError) -> PostgresResult {
        let sent = unsafe parameters.withPointers { values in
            unsafe PQsendQueryPrepared(connection, name, Int32(parameters.count), values, nil, nil, 0)
        }
        return try answer(to: sent, within: limit)
    }

    /// Sends what libpq has queued and reads the whole answer: the last result, or the first error.
    private func answer(to isQueued: Int32, within limit: Duration) throws(PostgresError) -> PostgresResult {
        guard isQueued == 1 else { throw broken() }
        let deadline = ContinuousClock.now + limit
        var isFlushed = false
        var last: PostgresResult?
        var failure: PostgresError?
        while true {
            if !isFlushed {
                let unsent = unsafe PQflush(connection)
                if unsent < 0 { throw broken() }
                isFlushed = unsent == 0
            }
            if isFlushed, unsafe PQisBusy(connection) == 0 {
                guard let next = unsafe PQgetResult(connection) else { break }
                last = unsafe PostgresResult(next)
                if failure == nil { failure = last?.error }
                // The protocol would stay in COPY for ever.
                if failure?.code == .unexpectedResult { isBroken = true }
                if isBroken { break }
            } else {
                try wait(forWriting: !isFlushed, until: deadline)
            }
        }
        if unsafe PQstatus(connection) != CONNECTION_OK { isBroken = true }
        if let failure { throw failure }
        guard let last else { throw broken() }
        return last
    }

    /// Waits for the socket, then takes what came.
    private func wait(forWriting: Bool, until deadline: ContinuousClock.Instant) throws(PostgresError) {
        let left = ContinuousClock.now.duration(to: deadline)
        // Rounded up, so that the last wait does not end before the deadline and spin.
        let milliseconds = left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000 + 1
        guard left > .zero else {
            isBroken = true
            throw PostgresError(.timedOut, "no answer from the server")
        }
        let events = forWriting ? POLLIN | POLLOUT : POLLIN
        var descriptor = unsafe pollfd(fd: PQsocket(connection), events: Int16(events), revents: 0)
        _ = unsafe poll(&descriptor, 1, Int32(clamping: milliseconds))
        let isReadable = descriptor.revents & ~Int16(POLLOUT) != 0
        if isReadable, unsafe PQconsumeInput(connection) == 0 { throw broken() }
    }

    private func broken() -> PostgresError {
        isBroken = true
        return unsafe PostgresError(.connectionLost, firstLine(String(cString: PQerrorMessage(connection))))
    }
}
