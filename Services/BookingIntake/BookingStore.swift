import Logging
import Postgres
import Runtime

/// The database of booking-intake: the stored state is the outbox, from which every message can be made again.
struct BookingStore: Sendable {
    private let pool: PostgresPool
    let logger: Logger

    /// - Parameters:
    ///   - url: libpq's URI.
    ///   - files: what TLS is made with, unless the URL says otherwise.
    init(url: String, files: PostgresFiles, logger: Logger) {
        pool = PostgresPool(url: url, applicationName: "booking-intake", files: files, size: 6)
        self.logger = logger
    }

    /// Runs `body` in one transaction.
    /// - Throws: ``DependencyAway`` while the database can't be used; otherwise what the database refused.
    func inTransaction<T: Sendable>(
        _ body: @Sendable (isolated PostgresConnection) throws(PostgresError) -> T
    ) async throws -> T {
        try await orAway { try await pool.transaction(body) }
    }

    /// Runs `body`, each of its statements a transaction of its own.
    /// - Throws: as ``inTransaction(_:)``.
    func inStatements<T: Sendable>(
        _ body: @Sendable (isolated PostgresConnection) throws(PostgresError) -> T
    ) async throws -> T {
        try await orAway { try await pool.with { connection in try await connection.statements(body) } }
    }

    /// Runs one statement, a transaction of its own.
    /// - Throws: as ``inTransaction(_:)``.
    func query(_ sql: String, _ parameters: [PostgresParameter] = []) async throws -> PostgresRows {
        try await orAway { try await pool.with { connection in try await connection.query(sql, parameters) } }
    }

    private func orAway<T>(_ body: () async throws -> T) async throws -> T {
        do { return try await body() } catch let error as PostgresError where error.isDependencyAway {
            throw DependencyAway("PostgreSQL", error)
        }
    }

    /// Deletes remembered askers a day after their question, now and then, until it is cancelled.
    func forgetOldAskers() async {
        repeat {
            do {
                _ = try await query("DELETE FROM askers WHERE asked_at < now() - interval '1 day'")
            } catch {
                logger.debug("old askers are kept for now", metadata: ["error": "\(error)"])
            }
        } while (try? await Task.sleep(for: .seconds(3600))) != nil
    }
}
