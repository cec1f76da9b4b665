import Foundation
import Support
import Testing

@testable import caramelo_bench

/// The command itself, for a few seconds; how fast it goes is nobody's business here.
@Suite(.enabled(if: TestEnvironment.hasServers, Comment(rawValue: TestEnvironment.hint)))
struct BenchTests {
    private func bench(
        _ arguments: String...
    ) async throws -> (results: [String: Any], page: String, progress: String) {
        let folder = TestEnvironment.folder + "/bench-\(UUID().uuidString)"
        let done = try await run(
            TestEnvironment.binaries + "/caramelo-bench", arguments + ["--json", "--report", folder])
        guard done.status == 0 else { throw TestFailure("\(done.status): \(done.errors)\(done.output)") }
        let results = try JSONSerialization.jsonObject(with: Data(done.output.utf8)) as? [String: Any] ?? [:]
        let file = try FileManager.default.contentsOfDirectory(atPath: folder).first { $0.hasSuffix(".html") }
        let page = try String(contentsOfFile: folder + "/" + (file ?? ""), encoding: .utf8)
        try FileManager.default.removeItem(atPath: folder)
        return (results, page, done.errors)
    }

    private func measurements(_ results: [String: Any], _ key: String) -> [[String: Any]] {
        results[key] as? [[String: Any]] ?? []
    }

    /// Sent, confirmed and come out is the same, percentiles rise, and nobody's time is negative.
    private func addsUp(_ measurement: [String: Any], sent: Int) {
        for key in ["sent", "confirmed", "outcomes"] { #expect(measurement[key] as? Int == sent, "\(key)") }
        #expect(measurement["rejected"] as? Int == 0)
        for key in ["confirm", "outcome"] {
            guard let latency = measurement[key] as? [String: Any] else { continue }
            let times = ["p50", "p90", "p99", "p999", "max"].compactMap { latency[$0] as? Double }
            #expect(times.count == 5 && times == times.sorted() && times[0] > 0, "\(key): \(times)")
            #expect(latency["count"] as? Int == sent)
        }
    }

    @Test func measuresServicesOfItsOwn() async throws {
        let (results, page, progress) = try await bench(
            "--count", "300", "--rounds", "1", "--rates", "50", "--seconds", "2", "--backlog", "200", "--stored",
            "1000",
            "--raw", "--replicas", "2", "--starts", "1")
        let throughput = measurements(results, "throughput")
        #expect(throughput.map { $0["subject"] as? String } == ["raw", "caramelo"])
        for measurement in throughput { addsUp(measurement, sent: 300) }
        for measurement in measurements(results, "rates") { addsUp(measurement, sent: 100) }
        #expect(measurements(results, "rates").count == 2)
        let parts = throughput.last?["parts"] as? [[String: Any]] ?? []
        #expect(parts.count == 10 && parts.allSatisfy { ($0["megabytes_after"] as? Double ?? 0) > 0 })
        #expect(parts.first?["processes"] as? Int == 2 && parts.last?["processes"] as? Int == 1)
        let backlog = results["backlog"] as? [String: Any]
        #expect(backlog?["requests"] as? Int == 200 && backlog?["is_complete"] as? Bool == true)
        let startUps = measurements(results, "start_ups")
        #expect(startUps.count == 6 && startUps.allSatisfy { ($0["milliseconds"] as? Double ?? 0) > 0 })
        let (booked, counted) = (results["booked"] as? Int ?? 0, results["counted"] as? Int)
        #expect(booked > 300 + 100 + 200 && counted == booked)
        #expect(progress.contains("Latency of caramelo at 50 a second"))
        #expect(page.contains("<polyline") && page.contains("prefers-color-scheme: dark") && !page.contains("http"))
    }

    @Test func measuresADeploymentAndCancelsWhatItBooked() async throws {
        try await TestSystem.with { system in
            let (results, _, _) = try await bench(
                "--against", system.amqpURL, "--yes", "--count", "200", "--rounds", "1", "--rates", "50", "--seconds",
                "1")
            for measurement in measurements(results, "throughput") { addsUp(measurement, sent: 200) }
            #expect(results["counted"] as? Int == results["booked"] as? Int)
            let (confirmed, cancelled) = (
                try await system.stored("SELECT count(*) FROM bookings WHERE status = 'confirmed'"),
                try await system.stored("SELECT count(*) FROM bookings WHERE status = 'cancelled'")
            )
            #expect(confirmed == 0 && cancelled == results["booked"] as? Int)
        }
    }

    @Test(arguments: [
        (["--rates", "100,fast"], "'fast' is no rate"), (["--rates", "0"], "'0' is no rate"),
        (["--count", "0"], "--count must be from"), (["--replicas", "17"], "--replicas must be from"),
        (["--rounds", "0", "--rates", "none", "--starts", "0"], "leave nothing to do"),
        (["--seconds", "0"], "--seconds must be from"), (["--backlog", "9"], "--backlog must be from"),
        (["--against", "amqp://x", "--raw"], "--against sends load"), (["--yes"], "--yes belongs to --against"),
        (["--why", "--rates", "none"], "--why needs"),
        (["--against", "amqp://user:secret@x"], "requests to amqp://x:"),
    ])
    func saysWhatIsWrong(_ arguments: [String], _ words: String) async throws {
        let done = try await run(TestEnvironment.binaries + "/caramelo-bench", arguments)
        #expect(done.status == 2 && done.errors.contains(words), "\(done.errors)")
        #expect(!done.errors.contains("secret"))
    }

    @Test func failsWhereThereIsNoBroker() async throws {
        let done = try await run(
            TestEnvironment.binaries + "/caramelo-bench",
            ["--against", "amqp://127.0.0.1:1", "--yes", "--rounds", "1", "--report", TestEnvironment.folder])
        #expect(done.status == 3 && done.errors.contains("127.0.0.1:1"), "\(done.errors)")
    }
}
