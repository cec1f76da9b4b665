import Testing

@testable import Postgres

@Suite("Transactions", .enabled(if: serverURL != nil, serverIsMissing))
struct TransactionTests {
    @Test("All statements take effect together")
    func commit() async throws {
        try await withAccounts { table in
            let db = connect()
            let sum = try await db.transaction { db throws(PostgresError) in
                _ = try db.query("UPDATE \(table) SET balance = balance - 10 WHERE id = 1")
                _ = try db.query("UPDATE \(table) SET balance = balance + 10 WHERE id = 2")
                return try db.number("SELECT sum(balance) FROM \(table)")
            }
            #expect(sum == 200)
            #expect(try await connect().number("SELECT balance FROM \(table) WHERE id = 2") == 110)
        }
    }

    @Test("What throws undoes everything, and the connection goes on")
    func rollback() async throws {
        try await withAccounts { table in
            let db = connect()
            let process = try await db.process()
            let error = await #expect(throws: PostgresError.self) {
                try await db.transaction { db throws(PostgresError) in
                    _ = try db.query("UPDATE \(table) SET balance = balance - 10 WHERE id = 1")
                    _ = try db.query("UPDATE \(table) SET balance = -1 WHERE id = 2")
                }
            }
            #expect(error?.code == .server(sqlState: "23514"))
            let sum = try await db.number("SELECT sum(balance) FROM \(table)")
            #expect(sum == 200)
            #expect(try await db.process() == process)
        }
    }

    @Test("A failure that the body swallows fails the transaction nevertheless")
    func swallowed() async throws {
        try await withAccounts { table in
            let db = connect()
            let error = await #expect(throws: PostgresError.self) {
                try await db.transaction { db throws(PostgresError) in
                    _ = try db.query("UPDATE \(table) SET balance = 0 WHERE id = 1")
                    _ = try? db.query("INSERT INTO \(table) VALUES (1, 1)")
                }
            }
            #expect(error?.code == .server(sqlState: "23505"))
            let sum = try await db.number("SELECT sum(balance) FROM \(table)")
            #expect(sum == 200)
        }
    }

    @Test("A deferred constraint fails the commit")
    func deferred() async throws {
        let db = connect()
        try await db.execute(script: "CREATE TEMP TABLE t (n int UNIQUE DEFERRABLE INITIALLY DEFERRED)")
        let error = await #expect(throws: PostgresError.self) {
            try await db.transaction { db throws(PostgresError) in _ = try db.query("INSERT INTO t VALUES (1), (1)") }
        }
        #expect(error?.code == .server(sqlState: "23505"))
        #expect(try await db.number("SELECT count(*) FROM t") == 0)
    }

    @Test("Of two transactions in a deadlock one is repeated, and both succeed")
    func deadlock() async throws {
        try await withAccounts { table in
            let attempts = Counter()
            @Sendable func move(from: Int64, to: Int64) async throws {
                try await connect().transaction { db throws(PostgresError) in
                    attempts.count()
                    let sql = "UPDATE \(table) SET balance = balance + $2 WHERE id = $1"
                    _ = try db.query(sql, [.int(from), -10])
                    _ = try db.query("SELECT pg_sleep(0.4)")
                    _ = try db.query(sql, [.int(to), 10])
                }
            }
            async let there: Void = move(from: 1, to: 2)
            async let back: Void = move(from: 2, to: 1)
            _ = try await (there, back)
            #expect(attempts.value > 2)
            #expect(try await connect().number("SELECT count(*) FROM \(table) WHERE balance = 100") == 2)
        }
    }

    @Test("A serialization failure is repeated")
    func serialization() async throws {
        try await withAccounts { table in
            @Sendable func add() async throws {
                try await connect().transaction { db throws(PostgresError) in
                    _ = try db.query("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
                    let balance = try db.number("SELECT balance FROM \(table) WHERE id = 1")
                    _ = try db.query("SELECT pg_sleep(0.1)")
                    _ = try db.query("UPDATE \(table) SET balance = $1 WHERE id = 1", [.int(Int64(balance + 1))])
                }
            }
            try await withThrowingTaskGroup { group in
                for _ in 0..<3 { group.addTask { try await add() } }
                try await group.waitForAll()
            }
            #expect(try await connect().number("SELECT balance FROM \(table) WHERE id = 1") == 103)
        }
    }

    @Test("After 20 attempts a conflict is the caller's")
    func bounded() async throws {
        let attempts = Counter()
        let error = await #expect(throws: PostgresError.self) {
            try await connect().transaction { db throws(PostgresError) in
                attempts.count()
                try db.execute(script: "DO $$ BEGIN RAISE SQLSTATE '40001'; END $$")
            }
        }
        #expect(error?.isRepeatable == true)
        #expect(attempts.value == 20)
    }

    @Test("A connection lost within a transaction ends it, and nothing runs outside of it")
    func lost() async throws {
        try await withAccounts { table in
            let db = connect()
            let error = await #expect(throws: PostgresError.self) {
                try await db.transaction { db throws(PostgresError) in
                    _ = try db.query("UPDATE \(table) SET balance = 0 WHERE id = 1")
                    _ = try? db.query("SELECT pg_terminate_backend(pg_backend_pid())")
                    _ = try? db.query("UPDATE \(table) SET balance = 0 WHERE id = 2")
                }
            }
            #expect(error?.isDependencyAway == true)
            let sum = try await db.number("SELECT sum(balance) FROM \(table)")
            #expect(sum == 200)
        }
    }
}
