import AMQP
import Client
import Contract
import Foundation
import Postgres
import Support
import Testing

@Suite(
    "Servers restored from old copies", .enabled(if: TestEnvironment.hasServers, "\(TestEnvironment.hint)"), .serialized
)
struct RestoreTests {
    private func load(_ name: String, _ count: Int, _ system: TestSystem) async throws {
        let messages = (0..<count).map { number in
            var request = SampleRequest()
            request.id = "\(name)-\(number)"
            request.age = number % 20
            request.email = "\(name)\(number % 10)@example.com"
            return ClientMessage("booking.request", request.body, messageID: request.id)
        }
        try await system.client.publish(messages, timeout: .seconds(60))
    }

    private func settled(_ count: Int, _ system: TestSystem) async throws {
        try await eventually("\(count) settled", within: 60) {
            try await system.stored("SELECT count(*) FROM bookings WHERE status <> 'pending'") == count
        }
    }

    @Test("Redis started with an old copy of its data gets what it had lost, candies too")
    func oldRedis() async throws {
        let own = try await PrivateServers("restore")
        let system = try await TestSystem(servers: own.servers)
        do {
            for service in TestSystem.services { try system.start(service) }
            try await system.ready()
            try await load("a", 300, system)
            try await settled(300, system)
            try await system.expectExactFigures()
            // Bookings that the copy has, whose candies it has not.
            for process in system.replicas(of: "candy-accounting") { process.signal(SIGKILL) }
            try await load("b", 300, system)
            try await settled(600, system)
            try await eventually("counted") {
                try await system.report().bookingsConfirmed == system.expectedReport().bookingsConfirmed
            }
            let data = try await system.redis("CONFIG", "GET", "dir").split(separator: "\n").last.map(String.init) ?? ""
            try await run("/bin/cp", ["-a", data + "/appendonlydir", data + "/copy"])
            try system.crash("candy-accounting")
            try await load("c", 300, system)
            try await settled(900, system)
            try await system.expectExactFigures()
            try await own.act("kill", "redis")
            try await run("/bin/rm", ["-r", data + "/appendonlydir"])
            try await run("/bin/mv", [data + "/copy", data + "/appendonlydir"])
            try await own.act("start", "redis")
            #expect(try await system.report().bookingsConfirmed < 900)
            try await load("d", 100, system)
            try await settled(1000, system)
            try await system.expectExactFigures()
            // Either sign may come first; that Redis was empty at the start is no sign of it.
            let logged = system.replicas(of: "stats")[0].logged
            #expect(["Redis went back in time", "checkpoints are missing in Redis"].contains { logged.contains($0) })
        } catch {
            await system.stop()
            await own.stop()
            throw error
        }
        await system.stop()
        await own.stop()
    }

    @Test("a confirmation is announced although the price that led to it is gone with its queue, and only then again")
    func unannounced() async throws {
        try await TestSystem.with { system in
            var raw = try RawChannel(system.amqpURL)
            try raw.listen("outcomes", to: "booking_notifications")
            try await load("a", 50, system)
            try await settled(50, system)
            try await eventually("all are announced") {
                try await system.stored("SELECT count(*) FROM unannounced") == 0
            }
            let first = try raw.take(50)
            #expect(first.count == 50)
            // As whoever stored it would have left it, had it died before it announced it.
            let database = PostgresConnection(url: system.databaseURL, applicationName: "tests")
            _ = try await database.query(
                """
                INSERT INTO unannounced (event_id, booking_number)
                SELECT request_id || '.confirmed', number FROM bookings WHERE request_id = 'a-7'
                """)
            let again = try raw.take(1)
            let before = try #require(first.first { $0.message.messageID == "a-7.confirmed" })
            #expect(again.map(\.message.body) == [before.message.body])
            #expect(again.map(\.message.messageID) == ["a-7.confirmed"])
            try await eventually("it is announced") {
                try await system.stored("SELECT count(*) FROM unannounced") == 0
            }
            #expect(try raw.take(1, within: 2).isEmpty)
        }
    }

    @Test(
        "PostgreSQL restored from a backup: booking numbers are used again, and the figures are those of its bookings")
    func oldPostgres() async throws {
        try await TestSystem.with { system in
            try await load("a", 200, system)
            try await settled(200, system)
            let copy = NSTemporaryDirectory() + system.name + ".dump"
            defer { try? FileManager.default.removeItem(atPath: copy) }
            let dumped = try await run("/usr/bin/pg_dump", ["-Fc", "-f", copy, system.databaseURL])
            #expect(dumped.status == 0, "\(dumped)")
            // The copy must be older than a checkpoint.
            try await Task.sleep(for: .seconds(2))
            try await load("b", 200, system)
            try await settled(400, system)
            try await system.expectExactFigures()
            for process in system.replicas(of: "booking-intake") {
                process.signal(SIGTERM)
                await process.end()
            }
            try await system.drop()
            let database = system.databaseURL.replacing(system.name, with: "postgres")
            try await run("/usr/bin/psql", ["-q", database, "-c", "CREATE DATABASE \(system.name)"])
            let restored = try await run("/usr/bin/pg_restore", ["-d", system.databaseURL, copy])
            #expect(restored.status == 0, "\(restored)")
            #expect(try await system.stored("SELECT max(number) FROM bookings") == 200)
            try system.start("booking-intake")
            try await load("c", 150, system)
            try await settled(350, system)
            try await system.expectExactFigures()
            #expect(try await system.stats("verify").status == 0)
        }
    }
}
