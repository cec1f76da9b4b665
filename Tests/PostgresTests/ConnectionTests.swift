import Testing

@testable import Postgres

@Suite("Connection", .enabled(if: serverURL != nil, serverIsMissing))
struct ConnectionTests {
    @Test("A connection that its own statement ends is replaced on the next use, prepared statements included")
    func terminatedBySelf() async throws {
        let db = connect()
        let sql = "SELECT $1::int + 1"
        #expect(try await db.number(sql, [1]) == 2)
        let process = try await db.process()
        let error = await #expect(throws: PostgresError.self) {
            try await db.query("SELECT pg_terminate_backend(pg_backend_pid())")
        }
        #expect(error?.isDependencyAway == true)
        #expect(try await db.number(sql, [2]) == 3)
        #expect(try await db.process() != process)
    }

    @Test("A connection that ended while it was idle is replaced unnoticed")
    func terminatedWhileIdle() async throws {
        let db = connect()
        let process = try await db.process()
        let isEnded = try await connect().query(
            "SELECT pg_terminate_backend($1::int, 5000) AS ended", [.int(Int64(process))])
        #expect(try isEnded.first?.bool("ended") == true)
        #expect(try await db.process() != process)
    }

    @Test("A closed connection opens again")
    func close() async throws {
        let db = connect()
        let process = try await db.process()
        await db.close()
        #expect(try await db.process() != process)
    }

    @Test("A statement is prepared once")
    func preparedOnce() async throws {
        let db = connect()
        let count = "SELECT count(*) FROM pg_prepared_statements"
        #expect(try await db.number(count) == 1)
        for value in 1...3 { #expect(try await db.number("SELECT $1::int", [.int(Int64(value))]) == value) }
        #expect(try await db.number(count) == 2)
    }

    @Test("A prepared statement survives a change of its table, within a transaction too", arguments: [false, true])
    func stale(isInTransaction: Bool) async throws {
        try await withAccounts { table in
            let db = connect()
            typealias Read = @Sendable (isolated PostgresConnection) throws(PostgresError) -> Int
            let read: Read = { db throws(PostgresError) in
                try db.query("SELECT * FROM \(table)").first.map { row throws(PostgresError) in try row.int("id") } ?? 0
            }
            #expect(try await db.transaction(read) == 1)
            try await connect().execute(script: "ALTER TABLE \(table) ADD note text")
            let id = isInTransaction ? try await db.transaction(read) : try await read(db)
            #expect(id == 1)
        }
    }

    @Test("The server ends a statement that takes too long, and the connection goes on")
    func serverTimeout() async throws {
        let db = connect(statementLimit: .seconds(1))
        let process = try await db.process()
        let error = await #expect(throws: PostgresError.self) { try await db.query("SELECT pg_sleep(5)") }
        #expect(error?.code == .timedOut)
        #expect(error?.isDependencyAway == true)
        #expect(try await db.process() == process)
    }

    @Test("A server that is silent is given up, and the next use connects anew")
    func clientTimeout() async throws {
        let db = connect(statementLimit: .seconds(1))
        let process = try await db.process()
        try await db.execute(script: "SET statement_timeout = 0")
        let duration = await ContinuousClock().measure {
            let error = await #expect(throws: PostgresError.self) { try await db.query("SELECT pg_sleep(5)") }
            #expect(error?.code == .timedOut)
        }
        #expect(duration > .milliseconds(950) && duration < .seconds(60))
        #expect(try await db.process() != process)
    }

    @Test(
        "A refused login or database is a server that is away",
        arguments: ["user=nobody_here", "dbname=nothing_here"])
    func refused(_ option: String) async throws {
        let error = await #expect(throws: PostgresError.self) { try await connect(option).process() }
        #expect(error?.code == .connectionLost)
        #expect(error?.isDependencyAway == true)
        #expect(error?.message.contains("does not exist") == true)
    }

    @Test("COPY is refused, and the connection goes on")
    func copy() async throws {
        let db = connect()
        let error = await #expect(throws: PostgresError.self) {
            try await db.execute(script: "CREATE TEMP TABLE t (n int); COPY t FROM STDIN")
        }
        #expect(error?.code == .unexpectedResult)
        #expect(try await db.number("SELECT 1") == 1)
    }

    @Test("The session speaks UTF-8, ISO dates and UTC, and has its name")
    func session() async throws {
        let row = try #require(
            try await connect().query(
                """
                SELECT timestamptz '2026-12-01T05:00:00-05' AS time, current_setting('client_encoding') AS encoding,
                    current_setting('application_name') AS name, current_setting('statement_timeout') AS "limit"
                """
            ).first)
        #expect(try row.string("time") == "2026-12-01 10:00:00+00")
        #expect(try row.string("encoding") == "UTF8")
        #expect(try row.string("name") == "tests")
        #expect(try row.string("limit") == "25s")
    }

    @Test("A script stops at its first error and undoes what it did")
    func script() async throws {
        let db = connect()
        let error = await #expect(throws: PostgresError.self) {
            try await db.execute(script: "CREATE TEMP TABLE t (n int); SELECT 1 / 0; SELECT 1")
        }
        #expect(error?.code == .server(sqlState: "22012"))
        let isThere = try await db.query("SELECT to_regclass('pg_temp.t') IS NOT NULL")
        #expect(try isThere.first?.bool(0) == false)
    }
}
