import Contract
import MailServer
import Runtime
import SMTP
import Testing

@testable import Notifier

@Suite("Mailing", .enabled(if: MailServer.isThere, serverIsMissing))
struct AnnouncerTests {
    @Test("An outcome and a welcome arrive")
    func arrive() async throws {
        let server = try MailServer()
        defer { server.stop() }
        let customer = CustomerRegistered(
            requestID: "request-1", bookingNumber: 1042, occurredAt: dawn, email: "juan@example.com",
            passengerName: "Juan Pérez")
        let announcer = try announcer(server)
        try await announcer.prepare()
        let verdicts = try await announcer.announce([delivery(confirmed()), delivery(customer)])
        #expect(verdicts.map(word) == ["done", "done"])
        let mails = try server.report().mails
        #expect(mails.map(\.messageID) == ["<request-1.confirmed@example.com>", "<request-1.customer@example.com>"])
        #expect(mails.map(\.subject) == ["Reserva 1042 a San Andrés: confirmada", "Le damos la bienvenida a Caramelo"])
        #expect(mails.allSatisfy { $0.toName == "Juan Pérez" && $0.date == "2026-11-21T10:00:00+00:00" })
        #expect(mails[0].parts[0].text.contains("\nTotal: $ 395.600\n"))
        #expect(mails[0].parts[1].text.contains("<td style=\"padding:.2em 0\">$ 395.600</td>"))
    }

    @Test("Each message of a batch has its own fate")
    func batch() async throws {
        let server = try MailServer()
        defer { server.stop() }
        let emails: [String?] = [
            "a@example.com", "refused@example.com", "later@example.com", "no good@example.com", "josé@example.com", nil,
            "unwanted@example.com", "b@example.com",
        ]
        let batch =
            emails.enumerated().map { delivery(confirmed("request-\($0.offset)", email: $0.element)) }
            + [delivery(Array("no JSON".utf8)), delivery(confirmed(String(repeating: "x", count: 300)))]
        let verdicts = try await announcer(server).announce(batch)
        #expect(
            verdicts.map(word) == [
                "done", "recipient_refused", "later", "recipient_refused", "recipient_refused", "done", "mail_refused",
                "done", "not_json_object", "unexpected_fields",
            ])
        #expect(try server.report().mails.map(\.to) == ["a@example.com", "b@example.com"])
    }

    @Test("What was mailed before the server failed is not mailed again")
    func failsMidway() async throws {
        let server = try MailServer()
        defer { server.stop() }
        let announcer = try announcer(server)
        let good = [1, 2].map { delivery(confirmed("request-\($0)")) }
        let closing = delivery(confirmed("request-3", email: "closing@example.com"))
        for _ in 1...2 {
            await #expect(throws: DependencyAway.self) { try await announcer.announce(good + [closing]) }
        }
        _ = try await announcer.announce(good)
        #expect(try server.report().mails.count == 2)
    }

    @Test("A server that is away is waited for")
    func away() async throws {
        let server = try MailServer()
        let announcer = try announcer(server)
        server.stop()
        let error = await #expect(throws: DependencyAway.self) { try await announcer.prepare() }
        #expect(error?.name == "SMTP")
        await #expect(throws: DependencyAway.self) { try await announcer.announce([delivery(confirmed())]) }
        // Nothing to mail, nothing to wait for.
        let verdicts = try await announcer.announce([delivery(confirmed(email: nil))])
        #expect(verdicts.map(word) == ["done"])
    }
}

@Suite("Settings of notifier")
struct SettingsTests {
    @Test("Without SMTP_URL notifications are logged only")
    func logOnly() async throws {
        let announcer = try announcer(nil)
        #expect(announcer.post == nil && announcer.batchLimit == 256)
        try await announcer.prepare()
        let verdicts = try await announcer.announce([delivery(confirmed()), delivery(Array("[]".utf8))])
        #expect(verdicts.map(word) == ["done", "not_json_object"])
    }

    @Test(
        "A wrong value names its variable",
        arguments: [
            ("SMTP_URL", "http://mail"), ("SMTP_URL", "smtp://mail?starttls=maybe"), ("MAIL_FROM", ""),
            ("MAIL_FROM", "Caramelo"), ("MAIL_FROM", "josé@example.com"), ("NOTIFY_LOCALE", "fr"),
            ("NOTIFY_TIME_ZONE", "Mars/Olympus"), ("NOTIFY_TIME_ZONE", "../zone"), ("TLS_CA_FILE", "/no/such/file"),
        ])
    func wrong(_ variable: String, _ value: String) {
        let right = ["SMTP_URL": "smtp://mail", "MAIL_FROM": "bookings@example.com"]
        let error = #expect(throws: WrongSetting.self) { try post(right.merging([variable: value]) { $1 }) }
        #expect(error?.variable == variable)
    }

    @Test("Right values")
    func right() throws {
        let post = try #require(
            try post([
                "SMTP_URL": "smtp://user:word@mail:587", "MAIL_FROM": "Caramelo <bookings@example.com>",
                "NOTIFY_LOCALE": "en",
            ]))
        #expect(post.sender.name == "Caramelo" && post.wording.language == "en")
    }

    @Test("The latest ids are remembered, and no more")
    func recent() {
        let recent = RecentIDs(limit: 3)
        for id in ["1", "2", "2", "3", "4", "5"] { recent.insert(id) }
        #expect(["1", "2", "3", "4", "5"].filter(recent.contains) == ["3", "4", "5"])
    }
}
