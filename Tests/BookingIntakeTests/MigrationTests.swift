import Foundation
import Postgres
import Support
import Testing

@testable import BookingIntake

/// Old and new replicas run side by side while they are replaced, on the new schema: so each migration may only add what the
/// version before it needs not know of.
@Suite("Migrations", .enabled(if: TestEnvironment.hasServers, Comment(rawValue: TestEnvironment.hint)))
struct MigrationTests {
    @Test("Each leaves the version before it working")
    func expand() async throws {
        try await withSchema { database in
            var before = Schema()
            for (index, script) in BookingStore.migrations.enumerated() {
                try await database.execute(script: script)
                let after = try await Schema(of: database)
                #expect(after.problems(after: before) == [], "migration \(index + 1)")
                before = after
            }
            #expect(before.columns.keys.contains("bookings.request_id"))
        }
    }

    @Test(
        "What the version before would stumble over is noticed",
        arguments: [
            "DROP TABLE askers", "ALTER TABLE askers RENAME TO replies", "ALTER TABLE bookings DROP COLUMN reason",
            "ALTER TABLE bookings RENAME COLUMN reason TO cause",
            "ALTER TABLE bookings ALTER COLUMN email SET NOT NULL",
            "ALTER TABLE bookings ALTER COLUMN passenger_age TYPE text",
            "ALTER TABLE bookings ALTER COLUMN has_askers DROP DEFAULT",
            "ALTER TABLE bookings ADD COLUMN channel text NOT NULL",
            "ALTER TABLE bookings ADD CHECK (total_price >= 0)",
            "ALTER TABLE bookings ADD UNIQUE (content_hash)", "CREATE UNIQUE INDEX ON bookings (content_hash)",
            "ALTER TABLE bookings DROP CONSTRAINT bookings_request_id_key",
            "ALTER TABLE askers ADD FOREIGN KEY (booking_number) REFERENCES bookings",
            """
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
            CREATE TRIGGER refuse BEFORE INSERT ON bookings FOR EACH ROW EXECUTE FUNCTION refuse()
            """,
        ])
    func contract(script: String) async throws { #expect(try await problems(after: script).count > 0) }

    @Test(
        "What it needs not know of is allowed",
        arguments: [
            "CREATE TABLE notes (id int PRIMARY KEY, note text NOT NULL)", "CREATE INDEX ON bookings (email)",
            "ALTER TABLE bookings ADD COLUMN note text",
            "ALTER TABLE bookings ADD COLUMN channel text NOT NULL DEFAULT ''",
            "ALTER TABLE bookings ALTER COLUMN destination SET DEFAULT ''",
            "ALTER TABLE bookings ALTER COLUMN content_hash DROP NOT NULL",
        ])
    func harmless(script: String) async throws { #expect(try await problems(after: script) == []) }

    /// What is wrong with a script that would be the next migration.
    private func problems(after script: String) async throws -> [String] {
        try await withSchema { database in
            for script in BookingStore.migrations { try await database.execute(script: script) }
            let before = try await Schema(of: database)
            try await database.execute(script: script)
            return try await Schema(of: database).problems(after: before)
        }
    }

    /// Runs `body` in a schema of its own, which is removed.
    private func withSchema<T: Sendable>(_ body: (PostgresConnection) async throws -> T) async throws -> T {
        let name = "migrations_\(UUID().uuidString.filter { $0 != "-" }.lowercased())"
        let database = PostgresConnection(url: TestEnvironment.shared.databaseURL("postgres"), applicationName: "tests")
        try await database.execute(script: "CREATE SCHEMA \(name); SET search_path = \(name)")
        let result: Result<T, any Error>
        do { result = .success(try await body(database)) } catch { result = .failure(error) }
        try await database.execute(script: "SET client_min_messages = warning; DROP SCHEMA \(name) CASCADE")
        await database.close()
        return try result.get()
    }
}
