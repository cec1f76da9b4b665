/// What went wrong between us and PostgreSQL.
public struct PostgresError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure.
    public enum Code: Sendable, Equatable {
        /// No connection could be made, or it was lost. Whether a `COMMIT` on its way took effect is not known.
        case connectionLost
        /// No answer, or no free connection, in time. What was on its way may still take effect.
        case timedOut
        /// The server refused a statement, with its SQLSTATE of five characters.
        case server(sqlState: String)
        /// The answer is not what the caller reads it as: no such column or row, a null, another type.
        case unexpectedResult
    }

    /// The kind of failure.
    public let code: Code
    /// What the server or the client library says. In class 22 (a value was refused) it may quote the value.
    public let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// For logs: the kind and the message, without any value of a statement.
    public var description: String {
        switch code {
        case .connectionLost: "PostgreSQL is not there: \(message)"
        case .timedOut: "PostgreSQL took too long: \(message)"
        case .server(let state) where state.hasPrefix("22"): "PostgreSQL refused a value (SQLSTATE \(state))"
        case .server(let state): "PostgreSQL: \(message) (SQLSTATE \(state))"
        case .unexpectedResult: "unexpected answer of PostgreSQL: \(message)"
        }
    }

    /// Whether the server is at fault, not the statement: away, starting, stopping, read-only, out of connections or
    /// resources, too slow, or refusing the login or the database. The same statement may succeed later.
    public var isDependencyAway: Bool {
        switch code {
        case .connectionLost, .timedOut: true
        case .server(let state):
            ["08", "28", "53", "58", "57P0", "3D000", "25006", "25P03"].contains { state.hasPrefix($0) }
        case .unexpectedResult: false
        }
    }

    /// Whether a deadlock or a conflict between transactions undid the work, which can be repeated at once.
    /// `transaction` and `query` have done so many times before they throw this.
    public var isRepeatable: Bool {
        code == .server(sqlState: "40001") || code == .server(sqlState: "40P01")
    }

    /// Whether a prepared statement no longer fits the tables (a migration ran) or is gone from the server.
    var isStaleStatement: Bool {
        code == .server(sqlState: "0A000") || code == .server(sqlState: "26000")
    }
}
