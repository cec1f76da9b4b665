import Glibc
import Synchronization
import Testing

@testable import Postgres

/// The PostgreSQL server of the tests, `nil` where none is given.
let serverURL = getenv("CARAMELO_TEST_DATABASE_URL").map { String(cString: $0) }

/// Shown for the suites that are skipped without a server.
let serverIsMissing: Comment = "CARAMELO_TEST_DATABASE_URL names no PostgreSQL server"

/// A connection of the test's own.
func connect(_ option: String = "", statementLimit: Duration = .seconds(30)) -> PostgresConnection {
    var url = serverURL ?? ""
    if !option.isEmpty { url += (url.contains("?") ? "&" : "?") + option }
    return PostgresConnection(url: url, applicationName: "tests", statementLimit: statementLimit, connectSeconds: 2)
}

/// A schema of the test's own with a table `account (id int primary key, balance int)` of two rows.
func withAccounts(_ body: (_ table: String) async throws -> Void) async throws {
    let schema = "test_\(UInt64.random(in: 1...UInt64.max))"
    let db = connect()
    try await db.execute(
        script: """
            CREATE SCHEMA \(schema);
            CREATE TABLE \(schema).account (id int PRIMARY KEY, balance int NOT NULL CHECK (balance >= 0));
            INSERT INTO \(schema).account VALUES (1, 100), (2, 100)
            """)
    let result: Result<Void, any Error>
    do { result = .success(try await body("\(schema).account")) } catch { result = .failure(error) }
    try await db.execute(script: "DROP SCHEMA \(schema) CASCADE")
    try result.get()
}

/// How often something happened.
final class Counter: Sendable {
    private let counted = Mutex(0)
    var value: Int { counted.withLock(\.self) }
    func count() { counted.withLock { $0 += 1 } }
}

extension PostgresConnection {
    /// The first value of the first row.
    func number(_ sql: String, _ parameters: [PostgresParameter] = []) throws(PostgresError) -> Int {
        guard let row = try query(sql, parameters).first else { throw PostgresError(.unexpectedResult, "no row") }
        return try row.int(0)
    }

    /// The server's process for this connection.
    func process() throws(PostgresError) -> Int { try number("SELECT pg_backend_pid()") }
}
