import AMQP
import Client
import Contract
import Foundation
import Support
import Testing

/// The web page of the dead letters: who may do what there, and what it does.
@Suite("The page of the dead letters", .enabled(if: TestEnvironment.hasServers, "\(TestEnvironment.hint)"))
struct PageTests {
    private static let token = "the token of these tests"

    private func publish(_ system: TestSystem, _ body: String, id: String, error: String) async throws {
        let message = ClientMessage(
            "booking-intake.requests", Array(body.utf8), to: "dead-letters", messageID: id,
            headers: [
                "caramelo-queue": .text("booking-intake.requests"), "caramelo-reason": .text("not_json_object"),
                "caramelo-detail": .text(error), "caramelo-service": .text("booking-intake"),
                "caramelo-failed-at": .text(Timestamp.now.description), "caramelo-exchange": .text("bookings"),
                "caramelo-routing-key": .text("booking.request"), "x-theirs": .text("\"><img src=x onerror=alert(1)>"),
            ])
        try await system.client.publish(message, timeout: .seconds(60))
    }

    private func ids(_ system: TestSystem, _ count: Int) async throws -> [String] {
        try await eventually("\(count) letters") { try await system.deadLetters().count == count }
        // By what they were published as.
        let letters = try await system.deadLetters().map {
            ($0["message_id"] as? String ?? "", $0["id"] as? String ?? "")
        }
        return letters.sorted { $0.0 < $1.0 }.map(\.1)
    }

    /// The value of a hidden field.
    private func hidden(_ name: String, in page: HTTPAnswer) throws -> String {
        let start = "name=\"\(name)\" value=\""
        let rest = try #require(page.body.range(of: start).map { page.body[$0.upperBound...] }, "\(page.body)")
        return String(rest.prefix { $0 != "\"" })
    }

    private func logIn(_ replica: ServiceProcess, as name: String = "ana") async throws -> [String: String] {
        let answer = try await replica.ask("/login", form: ["name": name, "token": Self.token, "to": "/letters"])
        #expect(answer.status == 303)
        #expect(answer.headers["location"] == "/letters")
        let cookie = try #require(answer.headers["set-cookie"])
        #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict") && !cookie.contains("Secure"))
        return ["Cookie": String(cookie.prefix { $0 != ";" })]
    }

    @Test("without a token nothing can be changed, and only this machine reads", .timeLimit(.minutes(15)))
    func noToken() async throws {
        try await TestSystem.with(["dead-letter"]) { system in
            try await publish(system, "no JSON", id: "1", error: "no")
            let id = try await ids(system, 1)[0]
            let local = system.replicas(of: "dead-letter")[0]
            let open = try system.start("dead-letter", environment: ["HTTP_HOST": "0.0.0.0"])
            try await system.ready()
            #expect(try await local.ask("/letters/\(id)").body.contains("no JSON"))
            // A name of somebody else's that was pointed here, and a proxy that passes on what comes from anywhere.
            for headers in [["Host": "evil.example"], ["X-Forwarded-For": "192.0.2.1"], ["Forwarded": "for=192.0.2.1"]]
            {
                #expect(try await local.ask("/letters/\(id)", headers: headers).status == 403)
            }
            for replica in [local, open] {
                let refused = try await replica.ask("/discard", form: ["id": id, "why": "x", "by": "x"])
                #expect(refused.status == 403 && refused.body.contains("Set HTTP_ADMIN_TOKEN"))
                #expect(try await replica.ask("/login").status == 403)
                #expect(try await replica.ask("/livez").status == 200)
                #expect(try await replica.ask("/metrics").status == 200)
            }
            for path in ["/", "/letters", "/letters/\(id)", "/letters/\(id)/body", "/replays", "/export"] {
                let refused = try await open.ask(path)
                #expect(refused.status == 403 && !refused.body.contains("no JSON"))
            }
            #expect(try await ids(system, 1) == [id])
        }
    }

    @Test("a login opens every replica; forms of others are refused; guesses are slowed down", .timeLimit(.minutes(15)))
    func access() async throws {
        try await TestSystem.with(["dead-letter"], environment: ["HTTP_ADMIN_TOKEN": Self.token]) { system in
            try await publish(system, "no JSON", id: "1", error: "no")
            let id = try await ids(system, 1)[0]
            let first = system.replicas(of: "dead-letter")[0]
            let second = try system.start("dead-letter", environment: ["HTTP_HOST": "0.0.0.0"])
            try await system.ready()
            let closed = try await second.ask("/letters/\(id)?x=1")
            #expect(closed.status == 303 && closed.headers["location"] == "/login?to=%2Fletters%2F\(id)%3Fx%3D1")
            let session = try await logIn(first)
            #expect(try await second.ask("/letters/\(id)", headers: session).body.contains("no JSON"))

            let page = try await second.ask("/discard?id=\(id)", headers: session)
            let form = try hidden("form", in: page)
            let others = try hidden(
                "form", in: try await second.ask("/discard?id=\(id)", headers: try await logIn(second)))
            #expect(form != others)
            let forged: [(String, [String: String])] = [
                ("", session), (others, session),
                (form, session.merging(["Origin": "http://evil.example"]) { $1 }),
                (form, session.merging(["Origin": "null"]) { $1 }),
                (form, session.merging(["Sec-Fetch-Site": "cross-site"]) { $1 }),
            ]
            for (token, headers) in forged {
                let answer = try await second.ask(
                    "/discard", form: ["id": id, "why": "x", "form": token], headers: headers)
                #expect(answer.status == 403, "\(token) \(headers)")
            }
            var broken = session
            broken["Cookie"] = session["Cookie"].map { $0.dropLast() + ($0.hasSuffix("0") ? "1" : "0") }
            for headers in [[:], broken] {
                let answer = try await second.ask(
                    "/discard", form: ["id": id, "why": "x", "form": form], headers: headers)
                #expect(answer.status == 401)
            }
            #expect(try await ids(system, 1) == [id])

            let bearer = ["Authorization": "Bearer \(Self.token)"]
            #expect(try await second.ask("/discard", form: ["id": id, "why": "x"], headers: bearer).status == 400)
            let discarded = try await second.ask("/discard", form: ["id": id, "why": "x", "by": "bo"], headers: bearer)
            #expect(discarded.status == 200 && discarded.body.contains("1 letter discarded"))
            let secure = try await first.ask(
                "/login", form: ["name": "ana", "token": Self.token, "to": "//evil.example"],
                headers: ["X-Forwarded-Proto": "https"])
            #expect(secure.headers["set-cookie"]?.hasSuffix("; Secure") == true)
            #expect(secure.headers["location"] == "/")

            for _ in 0..<3 {
                #expect(try await first.ask("/login", form: ["name": "x", "token": "a guess"]).status == 401)
            }
            let slow = try await first.ask("/login", form: ["name": "ana", "token": Self.token])
            #expect(slow.status == 429 && slow.headers["retry-after"] != nil)
            #expect(try await first.ask("/", headers: session).status == 200)
            try await eventually("it may be tried again") {
                try await first.ask("/login", form: ["name": "ana", "token": Self.token]).status == 303
            }
        }
    }

    @Test("what strangers wrote is text, wherever it is shown", .timeLimit(.minutes(15)))
    func hostile() async throws {
        try await TestSystem.with(["dead-letter"], environment: ["HTTP_ADMIN_TOKEN": Self.token]) { system in
            let script = "</textarea></pre><script>alert(1)</script>"
            try await publish(system, "{\"x\": \"\(script)\u{202e}\"}", id: script, error: "\(script) \" '")
            let id = try await ids(system, 1)[0]
            let replica = system.replicas(of: "dead-letter")[0]
            let session = try await logIn(replica, as: "<b>ana</b>")
            let search = "%22%3E%3Cscript%3Ealert(1)%3C/script%3E"
            let paths = [
                "/", "/letters", "/letters?contains=\(search)&queue=\(search)", "/letters?since=\(search)",
                "/letters/\(id)", "/letters/\(id)/edit", "/replay?id=\(id)", "/discard?id=\(id)",
                "/undo?letter=\(search)", "/undo?action=\(search)", "/replays/\(search)", "/login?to=\(search)",
                "/\(search)",
            ]
            for path in paths {
                let page = try await replica.ask(path, headers: session)
                #expect(!page.body.contains("<script>") && !page.body.contains("<img"), "\(path)")
                #expect(!page.body.contains("<b>ana") && !page.body.contains("value=\"\">"), "\(path)")
                #expect(page.headers["content-security-policy"]?.hasPrefix("default-src 'none'; ") == true, "\(path)")
                #expect(page.headers["content-type"] == "text/html; charset=utf-8", "\(path)")
            }
            let letter = try await replica.ask("/letters/\(id)")
            #expect(letter.body.contains("&lt;script&gt;alert(1)&lt;/script&gt;\u{fffd}"))
            let download = try await replica.ask("/letters/\(id)/body")
            #expect(download.headers["content-type"] == "application/octet-stream")
            #expect(download.headers["content-disposition"]?.hasPrefix("attachment") == true)
        }
    }

    @Test("edit, replay, discard and undo do what the command line shows then", .timeLimit(.minutes(15)))
    func actions() async throws {
        let services = ["booking-intake", "pricing", "dead-letter"]
        try await TestSystem.with(services, environment: ["HTTP_ADMIN_TOKEN": Self.token]) { system in
            try await publish(system, "two\r\nlines", id: "1", error: "a")
            let request = SampleRequest()
            try await publish(system, String(decoding: request.body, as: UTF8.self), id: "2", error: "b")
            let ids = try await ids(system, 2)
            let replica = system.replicas(of: "dead-letter")[0]
            let session = try await logIn(replica)
            func form(_ path: String) async throws -> (form: String, action: String) {
                let page = try await replica.ask(path, headers: session)
                return (try hidden("form", in: page), try hidden("action", in: page))
            }
            func shown(_ id: String) async throws -> String {
                try await run(TestEnvironment.binaries + "/dead-letter", ["show", id], environment: system.environment)
                    .output
            }

            let editor = "/letters/\(ids[0])/edit"
            let token = try hidden("form", in: try await replica.ask(editor, headers: session))
            let same = try await replica.ask(
                editor, form: ["form": token, "do": "check", "body": "two\r\nlines"], headers: session)
            #expect(same.body.contains("Nothing was changed"))
            let checked = try await replica.ask(
                editor, form: ["form": token, "do": "check", "body": "three\r\nlines"], headers: session)
            #expect(checked.body.contains("still not valid"))
            let action = try hidden("action", in: checked)
            let edit: KeyValuePairs = [
                "form": token, "action": action, "do": "keep", "body": "three\r\nlines", "why": "a mistake",
                "anyway": "1",
            ]
            let invalid = try await replica.ask(
                editor, form: ["form": token, "action": "x", "do": "keep", "body": "four"], headers: session)
            #expect(invalid.status == 400)
            // Twice, as when somebody loads the page again.
            for _ in 0..<2 { #expect(try await replica.ask(editor, form: edit, headers: session).status == 303) }
            let download = try await replica.ask("/letters/\(ids[0])/body", headers: session)
            #expect(download.headers["content-length"] == "12")
            let edited = try await shown(ids[0])
            #expect(edited.components(separatedBy: "edited by ana: a mistake").count == 2, "\(edited)")

            let discard = try await form("/discard?status=open&contains=three")
            let discarded = try await replica.ask(
                "/discard",
                form: [
                    "form": discard.form, "action": discard.action, "status": "open", "contains": "three",
                    "why": "no use",
                ], headers: session)
            #expect(discarded.body.contains("1 letter discarded"))
            #expect(try await self.ids(system, 1) == [ids[1]])
            let undo: KeyValuePairs = ["form": discard.form, "action": "undo-1", "undo": discard.action]
            #expect(try await replica.ask("/undo", form: undo, headers: session).body.contains("1 letter brought back"))
            let history = try await shown(ids[0])
            #expect(history.contains("discarded by ana: no use") && history.contains("restored by ana"), "\(history)")

            let replay = try await form("/replay?id=\(ids[1])")
            let begun = try await replica.ask(
                "/replay", form: ["form": replay.form, "action": replay.action, "id": ids[1]], headers: session)
            #expect(begun.headers["location"] == "/replays/\(replay.action)")
            try await eventually("it took effect") {
                let answer = try await replica.ask("/replays/\(replay.action)/progress")
                let report = try JSON.decode(ReplayReport.self, from: Array(answer.body.utf8))
                return report.state == .finished && report.succeeded == 1 && report.by == "ana"
            }
            try await eventually("it is booked") { try await system.stored("SELECT count(*) FROM bookings") == 1 }

            let exported = try await replica.ask("/export?status=all").body
            let command = try await run(
                TestEnvironment.binaries + "/dead-letter", ["export", "--status", "all"],
                environment: system.environment)
            #expect(exported == command.output && exported.split(separator: "\n").count == 2)
        }
    }

    @Test("while the broker is away, and for nonsense, a page says so", .timeLimit(.minutes(15)))
    func troubles() async throws {
        try await TestSystem.with(["dead-letter"], environment: ["HTTP_ADMIN_TOKEN": Self.token]) { system in
            let replica = system.replicas(of: "dead-letter")[0]
            let session = try await logIn(replica)
            for (path, status) in [
                ("/letters/0123456789abcdef", 404), ("/letters/x", 400), ("/replays/x", 404), ("/nothing", 404),
                ("/letters?status=x", 400), ("/letters?since=yesterday", 400), ("/replay", 400), ("/discard", 400),
                ("/replay?id=x", 400), ("/undo", 400), ("/letters?contains=%00%ff%", 400), ("/letters?after=-1", 400),
            ] {
                let page = try await replica.ask(path, headers: session)
                #expect(page.status == status && page.body.contains("<h1>"), "\(path) \(page.status)")
            }
            try await system.broker("DELETE", "vhosts/\(system.name)")
            let page = try await replica.ask("/", headers: session)
            #expect(page.status == 503 && page.body.contains("be reached"))
            try await system.broker("PUT", "vhosts/\(system.name)")
        }
    }
}
