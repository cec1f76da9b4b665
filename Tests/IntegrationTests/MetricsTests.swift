import AMQP
import Contract
import Foundation
import Support
import Testing

@Suite("Metrics", .enabled(if: TestEnvironment.hasServers, "\(TestEnvironment.hint)"))
struct MetricsTests {
    private func value(_ series: String, of process: ServiceProcess) async throws -> Double? {
        let lines = try await process.get("metrics").body.split(separator: "\n")
        return lines.first { $0.hasPrefix(series + " ") }.flatMap { Double($0.dropFirst(series.count + 1)) }
    }

    @Test("count bookings, money, rejections and candies once, whatever is delivered again")
    func business() async throws {
        try await TestSystem.with(["booking-intake", "pricing", "candy-accounting"]) { system in
            var raw = try RawChannel(system.amqpURL)
            try raw.listen("outcomes", to: "booking_notifications")
            var requests = [SampleRequest(), SampleRequest(), SampleRequest(), SampleRequest()]
            requests[0].age = 9
            requests[1].destination = "Cartagena"
            requests[2].destination = "Atlantis"
            for request in requests {
                // Twins book nothing.
                for _ in 1...2 { try raw.publish(request.body, key: "booking.request") }
            }
            _ = try raw.take(4)
            try raw.publish(Array(#"{"request_id": "\#(requests[3].id)"}"#.utf8), key: "booking.cancel")
            _ = try raw.take(1)
            let intake = system.replicas(of: "booking-intake")[0]
            let candies = system.replicas(of: "candy-accounting")[0]
            for (series, expected) in [
                (#"caramelo_confirmed_bookings_total{destination="San Andrés"}"#, 2),
                (#"caramelo_takings_cents_total{destination="San Andrés"}"#, requests[0].price + requests[3].price),
                (#"caramelo_takings_cents_total{destination="Cartagena"}"#, requests[1].price),
                (#"caramelo_cancelled_bookings_total{destination="San Andrés"}"#, 1),
                (#"caramelo_refunds_cents_total{destination="San Andrés"}"#, requests[3].price),
                (#"caramelo_rejected_bookings_total{reason="unknown_destination"}"#, 1),
                (#"caramelo_rejected_bookings_total{reason="flight_full"}"#, 0),
                ("caramelo_booking_duration_seconds_count", 3),
            ] {
                #expect(try await value(series, of: intake) == Double(expected), "\(series)")
            }
            try await eventually("candies") { try await value("caramelo_candies_total", of: candies) == 3 }
            #expect(try await value("caramelo_candies_cost_cents_total", of: candies) == 150_000)
        }
    }

    @Test("tell how old the oldest message is while it waits for the database, and of round trips and connections")
    func waiting() async throws {
        try await TestSystem.with(["booking-intake"]) { system in
            let intake = system.replicas(of: "booking-intake")[0]
            let age = #"caramelo_oldest_message_age_seconds{queue="booking-intake.requests"}"#
            let used = #"caramelo_database_connections{state="used"}"#
            let inserts =
                #"db_client_operation_duration_seconds_count{db_system_name="postgresql",db_operation_name="INSERT"}"#
            #expect(try await value(age, of: intake) == 0)
            let before = try await value(inserts, of: intake) ?? 0
            async let lock = run(
                "/usr/bin/psql",
                [system.databaseURL, "-c", "BEGIN", "-c", "LOCK TABLE bookings", "-c", "SELECT pg_sleep(6)"])
            try await Task.sleep(for: .seconds(2))
            var message = AMQPMessage(body: SampleRequest().body)
            message.timestamp = UInt64(Date.now.timeIntervalSince1970) - 100
            var raw = try RawChannel(system.amqpURL)
            try raw.publish(message, to: "bookings", key: "booking.request")
            try await eventually("an old message") { try await value(age, of: intake) ?? 0 >= 100 }
            #expect(try await value(used, of: intake) ?? 0 >= 1)
            _ = try await lock
            try await eventually("no old message") { try await value(age, of: intake) == 0 }
            #expect(try await value(inserts, of: intake) ?? 0 > before)
        }
    }

    @Test("are described, and right in the eyes of promtool")
    func format() async throws {
        try await TestSystem.with { system in
            var raw = try RawChannel(system.amqpURL)
            try raw.listen("outcomes", to: "booking_notifications")
            try raw.publish(SampleRequest().body, key: "booking.request")
            try raw.publish(Array("no JSON".utf8), key: "booking.request")
            _ = try raw.take(1)
            _ = try await system.report()
            for service in TestSystem.services {
                let text = try await system.replicas(of: service)[0].get("metrics").body
                func names(_ mark: String) -> [Substring] {
                    text.split(separator: "\n").filter { $0.hasPrefix(mark) }.map { $0.split(separator: " ")[2] }
                }
                #expect(names("# TYPE ").count > 5)
                #expect(names("# TYPE ") == names("# HELP "), "\(service)")
                let file = TestEnvironment.folder + "/services/\(system.name)/\(service).metrics"
                try text.appending("\n").write(toFile: file, atomically: true, encoding: .utf8)
                let judged = try await run(
                    "/bin/sh", ["-c", "! command -v promtool >&2 || promtool check metrics <\(file)"])
                #expect(judged.status == 0, "\(service): \(judged.output)\(judged.errors)")
            }
        }
    }
}
