import Testing

@testable import Postgres

/// Whatever could be taken for syntax on the way.
private let hardTexts: [String] = [
    "", " ", "plain", "NULL", "null", "\"", "\\", "\\\"", "'", "''", "{", "}", "{}", "{a,b}", ",", "a,b", ";", "$1",
    "%s", "line\nbreak\r\n\ttab", "San Andrés", "e\u{301}", "日本語", "😀👨‍👩‍👧", "\u{1}\u{7f}\u{FFFD}", "\\N", "\\x41",
]

@Suite("Values", .enabled(if: serverURL != nil, serverIsMissing))
struct ValueTests {
    @Test("A text comes back as it was", arguments: hardTexts)
    func text(_ text: String) async throws {
        let row = try #require(try await connect().query("SELECT $1::text AS value", [.text(text)]).first)
        #expect(Array(try row.string("value").utf8) == Array(text.utf8))
    }

    @Test("An array of texts comes back as it was")
    func texts() async throws {
        let sent: [String?] = hardTexts + [nil] + ["last"]
        let rows = try await connect().query(
            "SELECT value FROM unnest($1::text[]) WITH ORDINALITY AS t(value, n) ORDER BY n", [.texts(sent)])
        let received = try rows.map { try $0.optionalString("value") }
        #expect(received.map { $0.map { Array($0.utf8) } } == sent.map { $0.map { Array($0.utf8) } })
    }

    @Test("Several arrays of one length are rows")
    func unnest() async throws {
        let rows = try await connect().query(
            """
            SELECT a, b, c FROM unnest($1::text[], $2::int8[], $3::bool[]) WITH ORDINALITY AS t(a, b, c, n) ORDER BY n
            """, [.texts(["x", nil]), .ints([.max, nil]), .bools([true, nil])])
        #expect(rows.count == 2)
        #expect(try rows[0].string("a") == "x")
        #expect(try rows[0].int("b") == .max)
        #expect(try rows[0].bool("c"))
        #expect(try rows[1].optionalString("a") == nil)
        #expect(try rows[1].optionalInt("b") == nil)
        #expect(try rows[1].optionalBool("c") == nil)
    }

    @Test("Empty arrays are empty")
    func emptyArrays() async throws {
        let rows = try await connect().query(
            "SELECT cardinality($1::text[]) + cardinality($2::int[]) + cardinality($3::bool[])",
            [.texts([]), .ints([]), .bools([])])
        #expect(try rows.first?.int(0) == 0)
    }

    @Test("Single values and nulls come back as they were")
    func scalars() async throws {
        let row = try #require(
            try await connect().query(
                "SELECT $1::int8, $2::bool, $3::bool, $4::text, $5::int8, $6::bool, $7::int4",
                [.int(.min), true, .bool(false), .text(nil), .int(nil), .bool(nil), 7]
            ).first)
        #expect(try row.int(0) == .min)
        #expect(try row.bool(1))
        #expect(try row.bool(2) == false)
        #expect(try row.optionalString(3) == nil)
        #expect(try row.optionalInt(4) == nil)
        #expect(try row.optionalBool(5) == nil)
        #expect(try row.int(6) == 7)
    }

    @Test("What is not what the caller reads it as is an error")
    func mismatches() async throws {
        let row = try #require(try await connect().query("SELECT 'x' AS a, NULL AS b").first)
        let wrong: [() throws -> Void] = [
            { _ = try row.int("a") }, { _ = try row.bool("a") }, { _ = try row.string("b") },
            { _ = try row.string("c") }, { _ = try row.string(2) }, { _ = try row.int(-1) },
        ]
        for read in wrong {
            let error = try #require(throws: PostgresError.self) { try read() }
            #expect(error.code == .unexpectedResult)
            #expect(!error.isDependencyAway && !error.isRepeatable)
        }
    }

    @Test("U+0000 is refused, not cut off", arguments: [PostgresParameter.text("a\0b"), .texts(["a", "\0"])])
    func nul(_ parameter: PostgresParameter) async throws {
        let error = await #expect(throws: PostgresError.self) {
            try await connect().query("SELECT $1::text", [parameter])
        }
        #expect(error?.code == .server(sqlState: "22021"))
    }

    @Test("Some megabytes travel in both directions")
    func large() async throws {
        let text = String(repeating: "0123456789abcdef", count: 500_000)
        let row = try #require(try await connect().query("SELECT $1::text, length($1::text)", [.text(text)]).first)
        #expect(try row.int(1) == 8_000_000)
        #expect(try row.string(0) == text)
    }

    @Test("The number of affected rows")
    func affected() async throws {
        let db = connect()
        try await db.execute(script: "CREATE TEMP TABLE t (n int)")
        #expect(try await db.query("INSERT INTO t SELECT generate_series(1, 3)").affected == 3)
        #expect(try await db.query("UPDATE t SET n = n + 1 WHERE n > 1").affected == 2)
        #expect(try await db.query("DELETE FROM t WHERE n > 9").affected == 0)
        let rows = try await db.query("DELETE FROM t RETURNING n")
        #expect(rows.affected == 3 && rows.count == 3)
    }

    @Test("An error's description has no values")
    func errors() async throws {
        let error = try await #require(throws: PostgresError.self) {
            try await connect().query("SELECT $1::int4", [.text("secret")])
        }
        #expect(error.code == .server(sqlState: "22P02"))
        #expect(!"\(error)".contains("secret"))
        #expect(!error.isDependencyAway)
    }
}
