import Postgres
import Testing

@Suite("Connection URLs")
struct URLTests {
    @Test(
        "Right ones",
        arguments: [
            "postgres://postgres@127.0.0.1:5432/bookings", "postgresql://a:p%40ss@db/bookings?sslmode=verify-full",
            "postgres://a@one:5432,two:5433/b?target_session_attrs=read-write", "postgres://a@one,two/b",
            "postgres:///b?host=/run/postgresql", "postgres://[::1]:5432/b", "postgres://",
        ])
    func right(_ url: String) {
        #expect(PostgresConnection.problem(inURL: url) == nil)
    }

    @Test(
        "Wrong ones, without the password in the text",
        arguments: [
            ("", "it must begin with postgres:// or postgresql://"),
            ("host=db password=hidden", "it must begin with postgres:// or postgresql://"),
            ("postgres://a:hid%zzen@db/b", "invalid percent-encoded token"),
            ("postgres://a:hidden@[::1/b", "end of string reached when looking for matching \"]\" in IPv6"),
            ("postgres://a:hidden@[::1]x/b", "unexpected character \"x\" at position"),
            ("postgres://a:hidden@db/b?colour=red", "invalid URI query parameter"),
            ("postgres://a:hidden@db/b?password", "missing key/value separator \"=\" in URI query parameter"),
            ("postgres://a:hidden@db:0/b", "a port must be a number from 1 to 65535"),
            ("postgres://a:hidden@db:x/b", "a port must be a number from 1 to 65535"),
            ("postgres://a:hidden@db/b?sslmode=on", "sslmode must be one of"),
        ])
    func wrong(_ url: String, _ problem: String) throws {
        let text = try #require(PostgresConnection.problem(inURL: url))
        #expect(text.hasPrefix(problem))
        #expect(!text.contains("hid"))
    }

    @Test("A wrong one is told on use, too")
    func use() async throws {
        let db = PostgresConnection(url: "postgres://a:hid%zzen@db/b", applicationName: "tests")
        let error = await #expect(throws: PostgresError.self) { try await db.query("SELECT 1") }
        #expect(error?.message == "invalid percent-encoded token")
    }
}
