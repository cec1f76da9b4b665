import Contract
import Foundation
import Support
import Testing

@Suite("bookings import", .enabled(if: TestEnvironment.hasServers, "\(TestEnvironment.hint)"))
struct ImportTests {
    private let bookings = (ProcessInfo.processInfo.environment["CARAMELO_TEST_BINARIES"] ?? "") + "/bookings"

    /// A file that is removed with the test.
    private func with(_ text: String, _ name: String, _ body: (String) async throws -> Void) async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString + name)
        try Data(text.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        try await body(file.path)
    }

    /// The summary that `--json` ends with, and the exit status.
    private func imported(
        _ arguments: [String], _ system: TestSystem
    ) async throws -> (status: Int32, summary: [String: Any], rows: [[String: Any]]) {
        let done = try await run(bookings, ["import", "--json"] + arguments, environment: system.environment)
        let objects = try done.output.split(separator: "\n").map { line in
            try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
        }
        return (done.status, objects.last?["summary"] as? [String: Any] ?? [:], objects.dropLast())
    }

    private func csv(_ count: Int) -> String {
        // Every row is there twice, and is two bookings.
        (0..<count).reduce("passenger_name,passenger_age,email,destination,has_pet\r\n") { text, index in
            text + "\"Pérez, \(index / 2)\",\(index / 2 % 90),p\(index / 2 % 100)@example.com,Cartagena,sí\r\n"
        }
    }

    @Test("that is killed doubles nothing and loses nothing when it is run again")
    func resumes() async throws {
        try await TestSystem.with(["booking-intake", "pricing", "stats"]) { system in
            try await with(csv(1_000), ".csv") { file in
                let first = Process()
                first.executableURL = URL(filePath: bookings)
                // Slow, so that it is killed in the middle however late that is noticed.
                first.arguments = ["import", "--rate", "50", file]
                first.environment = ProcessInfo.processInfo.environment.merging(system.environment) { $1 }
                (first.standardOutput, first.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
                try first.run()
                try await eventually("some are booked") {
                    try await system.stored("SELECT count(*) FROM bookings") > 20
                }
                kill(first.processIdentifier, SIGKILL)
                first.waitUntilExit()
                #expect(try await system.stored("SELECT count(*) FROM bookings") < 1_000)

                for isLast in [false, true] {
                    let (status, summary, _) = try await imported([file], system)
                    #expect(status == 0)
                    #expect(summary["confirmed"] as? Int == 1_000)
                    #expect(summary["total_collected"] as? Int == 1_000 * 30_250_000)
                    let before = summary["booked_before"] as? Int ?? 0
                    #expect(isLast ? before == 1_000 : (1..<1_000).contains(before))
                }
                try await eventually("the report") { try await system.report().bookingsConfirmed >= 1_000 }
                let report = try await system.report()
                #expect(report.bookingsConfirmed == 1_000)
                #expect(report.totalCollected == 1_000 * 30_250_000)
                #expect(try await system.stored("SELECT count(*) FROM bookings") == 1_000)
            }
        }
    }

    @Test("lists problems and refusals by their lines, and books the rest")
    func problems() async throws {
        try await TestSystem.with(["booking-intake", "pricing"]) { system in
            func row(_ id: String, _ name: String, _ more: String = "") -> String {
                var request = SampleRequest()
                (request.id, request.name, request.more) = (id, name, more)
                return String(decoding: request.body, as: UTF8.self)
            }
            let first = [row("i-1", "Ana"), "", "{", row("i-2", ""), row("i-1", "Ana"), row("i-1", "Eva")]
            let more = [row("i-3", "Ana", ", \"flight_id\": \"none\""), row("i-4", "Ana")]
            try await with((first + more).joined(separator: "\n"), ".jsonl") { file in
                let (status, summary, rows) = try await imported([file], system)
                #expect(status == 1)
                #expect((summary["sent"] as? Int, summary["confirmed"] as? Int) == (3, 2))
                #expect(summary["rejected"] as? [String: Int] == ["unknown_flight": 1])
                let lines = Dictionary(grouping: rows) { $0["status"] as? String ?? "" }
                    .mapValues { Set($0.compactMap { $0["line"] as? Int }) }
                #expect(
                    lines == ["problem": [3, 4, 6], "repeated": [5], "confirmed": [1, 8], "rejected": [7]])
            }
            // Another request has the id already, and differs in nothing that an outcome tells.
            try await with(row("i-4", "Ana", ", \"flight_id\": \"none\""), ".jsonl") { file in
                let (status, summary, _) = try await imported([file], system)
                #expect(status == 1)
                #expect(summary["request_id_reused"] as? Int == 1)
            }
        }
    }

    @Test("says what is open when the services are away")
    func away() async throws {
        try await TestSystem.with(["booking-intake"]) { system in
            try await with(csv(10), "") { file in
                let checked = try await imported(["--dry-run", file], system)
                #expect(checked.status == 0)
                #expect(try await system.stored("SELECT count(*) FROM bookings") == 0)
                let (status, summary, _) = try await imported(["--timeout", "2", file], system)
                #expect(status == 2)
                #expect((summary["sent"] as? Int, summary["no_outcome"] as? Int) == (10, 10))
                try system.start("pricing")
                let again = try await imported([file], system)
                #expect(again.status == 0)
                #expect(again.summary["confirmed"] as? Int == 10)
            }
        }
    }
}
