import Client
import Contract
import Foundation
import Support
import Testing

/// Replays that are interrupted by whatever may be.
extension DeadLetterTests {
    /// Letters that take effect when they are replayed.
    private func giveUp(_ count: Int, _ system: TestSystem) async throws {
        let requests = (0..<count).map { _ in SampleRequest() }
        try await system.client.publish(
            requests.map { givenUp($0.body, id: "\($0.id).m", reason: "was_away") }, timeout: .seconds(60))
        try await eventually("\(count) letters") { try await self.count(system) == count }
    }

    /// The latest replay as `--list` shows it.
    private func latest(_ system: TestSystem) async throws -> (id: String, line: String) {
        let lines = try await command(system, "replay", "--list").split(separator: "\n")
        let line = lines.count > 1 ? String(lines[1]) : ""
        return (line.split(separator: " ").first.map(String.init) ?? "", line)
    }

    private func expectBooked(_ count: Int, _ system: TestSystem) async throws {
        #expect(try await system.stored("SELECT count(*) FROM bookings") == count)
        #expect(try await letters(system).isEmpty)
        #expect(try await letters(system, "--status", "replayed").count == count)
    }

    private func shell(_ system: TestSystem, _ script: String) async throws -> (status: Int32, output: String) {
        let done = try await run(
            "/bin/sh", ["-c", script],
            environment: system.environment.merging(["DEAD_LETTER": TestEnvironment.binaries + "/dead-letter"]) { $1 })
        return (done.status, done.output + done.errors)
    }

    @Test("a canary goes on when the broker was killed, and dead-letter with it", .timeLimit(.minutes(15)))
    func brokerKilled() async throws {
        let own = try await PrivateServers("letters")
        let system = try await TestSystem(servers: own.servers)
        do {
            for service in ["booking-intake", "dead-letter", "dead-letter"] { try system.start(service) }
            try await system.ready()
            try await giveUp(500, system)
            _ = try await command(system, "replay", "--reason", "was_away", "--rate", "100", "--no-wait")
            for isServiceKilled in [false, true] {
                try await Task.sleep(for: .seconds(2))
                try await own.act("kill", "rabbitmq")
                if isServiceKilled { try system.crash("dead-letter") }
                try await own.act("start", "rabbitmq")
                try await system.ready(within: 120)
            }
            try await eventually("the replay ends", within: 120) {
                try await latest(system).line.contains("finished")
            }
            try await expectBooked(500, system)
        } catch {
            await system.stop()
            await own.stop()
            throw error
        }
        await system.stop()
        await own.stop()
    }

    @Test("Ctrl-C stops a replay, which can be resumed; without its command line it goes on", .timeLimit(.minutes(15)))
    func interrupted() async throws {
        try await TestSystem.with(["booking-intake", "dead-letter"]) { system in
            try await giveUp(100, system)
            /// Ends the command with a signal when something has taken effect.
            func replay(until signal: String, _ known: Int) async throws -> (status: Int32, output: String) {
                try await shell(
                    system,
                    """
                    "$DEAD_LETTER" replay --reason was_away --rate 10 & command=$!
                    until [ $("$DEAD_LETTER" list --status replayed --json | wc -l) -gt \(known) ]; do sleep 0.2; done
                    kill -\(signal) $command; wait $command
                    """)
            }
            let stopped = try await replay(until: "INT", 0)
            #expect(stopped.status == 130, "\(stopped.output)")
            let first = try await latest(system)
            #expect(stopped.output.contains("replay --resume \(first.id)"))
            #expect(first.line.contains("stopped"))
            let sent = try await count(system, "was_away", "replayed")
            #expect((1..<100).contains(sent))
            let resumed = try await command(system, "replay", "--resume", first.id)
            #expect(resumed.contains("100 sent, 100 took effect, 0 failed again"))

            try await giveUp(40, system)
            #expect(try await replay(until: "KILL", 100).status == 137)
            try await eventually("the replay ends") { try await latest(system).line.contains("finished") }
            try await expectBooked(140, system)
        }
    }

    @Test("a replay goes on by itself when the services' connections break", .timeLimit(.minutes(15)))
    func connectionsClosed() async throws {
        try await TestSystem.with(["booking-intake", "dead-letter"]) { system in
            try await giveUp(400, system)
            _ = try await command(system, "replay", "--reason", "was_away", "--rate", "40", "--no-wait")
            var closed: Set<String> = []
            for _ in 0..<3 {
                try await Task.sleep(for: .seconds(2))
                let all = try await system.broker("GET", "vhosts/\(system.name)/connections") as? [[String: Any]] ?? []
                for connection in all {
                    let properties = connection["client_properties"] as? [String: Any]
                    guard let name = properties?["connection_name"] as? String,
                        ["consume", "publish", "replies", "dead-letter log", "dead-letter reader"].contains(name),
                        let id = (connection["name"] as? String)?.addingPercentEncoding(
                            withAllowedCharacters: .alphanumerics)
                    else { continue }
                    // It may have gone meanwhile.
                    _ = try? await system.broker("DELETE", "connections/\(id)")
                    closed.insert(name)
                }
                #expect(try await latest(system).line.contains("running"))
            }
            #expect(closed.count >= 4, "\(closed)")
            try await eventually("the replay ends", within: 60) { try await latest(system).line.contains("finished") }
            #expect(try await latest(system).line.contains("400"))
            try await expectBooked(400, system)
        }
    }

    @Test("letters whose queue was deleted are open again, which says why", .timeLimit(.minutes(15)))
    func queueDeleted() async throws {
        try await TestSystem.with(["dead-letter"]) { system in
            try await giveUp(3, system)
            _ = try await command(system, "replay", "--reason", "was_away", "--pace", "all", "--no-wait")
            let queue = "queues/\(system.name)/booking-intake.requests"
            try await eventually("they are back in their queue", within: 60) {
                (try await system.broker("GET", queue) as? [String: Any])?["messages"] as? Int == 3
            }
            try await system.broker("DELETE", queue)
            try await eventually("they are open", within: 90) { try await count(system, "was_away", "open") == 3 }
            let replay = try await latest(system)
            #expect(replay.line.contains("stopped") && replay.line.contains("not heard of"))
            let id = try await letters(system).first?["id"] as? String ?? ""
            #expect(try await command(system, "show", id).contains("nothing was heard of it for 1 min"))
            // Now somebody is there.
            try system.start("booking-intake")
            try await system.ready()
            let again = try await command(system, "replay", "--reason", "was_away")
            #expect(again.contains("3 sent, 3 took effect"))
            try await expectBooked(3, system)
        }
    }

    @Test("an editor changes a body; what is not valid is not kept, and undo takes it back")
    func editor() async throws {
        try await TestSystem.with(["booking-intake", "dead-letter"]) { system in
            var request = SampleRequest()
            request.id = "not an id"
            try await system.client.publish(
                givenUp(request.body, reason: "no_request_id"), timeout: .seconds(60))
            try await eventually("the letter") { try await count(system) == 1 }
            let id = try await letters(system).first?["id"] as? String ?? ""
            func edit(_ editor: String) async throws -> (status: Int32, output: String) {
                try await shell(system, "EDITOR='\(editor)' \"$DEAD_LETTER\" edit --as Ana \(id)")
            }
            #expect(try await edit("true").output.contains("Nothing was changed"))
            #expect(try await edit("false").status == 1)
            let invalid = try await edit("sed -i s/not.an.id/@/")
            #expect(invalid.status == 1, "\(invalid.output)")
            let valid = try await edit("sed -i s/not.an.id/mended/")
            #expect(valid.status == 0, "\(valid.output)")
            #expect(valid.output.contains("-   \"request_id\": \"not an id\""), "\(valid.output)")
            #expect(valid.output.contains("+   \"request_id\": \"mended\""))
            let shown = try await command(system, "show", id)
            #expect(shown.contains("mended") && shown.contains("edited by Ana"), "\(shown)")
            _ = try await command(system, "undo", "--letter", id)
            #expect(try await command(system, "show", id).contains("\"not an id\""))
        }
    }

    @Test("what was exported is the same where it is imported, and is there once")
    func exportAndImport() async throws {
        let file = TestEnvironment.folder + "/\(UUID().uuidString).jsonl"
        var exported: [[String: Any]] = []
        try await TestSystem.with(["dead-letter"]) { system in
            try await system.client.publish(
                (0..<5).map { givenUp([0xff, UInt8($0)], reason: "not_json_object") }
                    + [givenUp([UInt8](repeating: 0x61, count: 200_000), reason: "too_large")], timeout: .seconds(60))
            try await eventually("6 letters") { try await count(system) == 6 }
            exported = try await letters(system)
            #expect(try await shell(system, "\"$DEAD_LETTER\" export > \(file)").status == 0)
        }
        try await TestSystem.with(["dead-letter"]) { system in
            for _ in 0..<2 {
                let done = try await shell(system, "\"$DEAD_LETTER\" import < \(file)")
                #expect(done.output.contains("6 letters handed over"))
                try await eventually("6 letters") { try await count(system) == 6 }
            }
            func byID(_ letters: [[String: Any]]) -> NSDictionary {
                NSDictionary(dictionary: Dictionary(letters.map { ($0["id"] as? String ?? "", $0) }) { $1 })
            }
            #expect(byID(try await letters(system)) == byID(exported))
            let wrong = try await shell(system, "echo '{\"no\": \"letter\"}' | \"$DEAD_LETTER\" import")
            #expect(wrong.status == 65)
        }
        try FileManager.default.removeItem(atPath: file)
    }
}
