import MailServer
import Testing

@testable import SMTP

@Suite("A server that is away", .enabled(if: MailServer.isThere, serverIsMissing))
struct AwayTests {
    @Test("Nobody listens")
    func nobody() async throws {
        let connection = SMTPConnection(server: try SMTPServer(url: "smtp://127.0.0.1:1"))
        let error = await #expect(throws: SMTPAway.self) { try await connection.send(try mail()) }
        #expect(error?.description.contains("onnect") == true)
        await #expect(throws: SMTPAway.self) { try await connection.check() }
    }

    @Test(
        "Refusals that are not about the mail",
        arguments: [
            (#"{"refuses_sender": true}"#, "", "juan@example.com", "550 5.1.8"),
            (#"{"login": ["user", "word"]}"#, "user:wrong@", "juan@example.com", "535 5.7.8"),
            (#"{"login": ["user", "word"]}"#, "", "juan@example.com", "530 5.7.0"),
            ("{}", "", "login@example.com", "530 5.7.0"),
            ("{}", "", "closing@example.com", "421 4.3.2"),
            (#"{"starttls": "required"}"#, "", "juan@example.com", "530 "),
        ])
    func refusals(_ options: String, _ login: String, _ address: String, _ reply: String) async throws {
        let server = try MailServer(options)
        defer { server.stop() }
        let connection = try connect(server, login: login, option: "?starttls=never")
        let error = await #expect(throws: SMTPAway.self) { try await connection.send(try mail(to: address)) }
        #expect(error?.description.contains(reply) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("wrong") == false)
    }

    @Test("A connection that the server closed between mails is replaced", arguments: [false, true])
    func hungUp(politely: Bool) async throws {
        let server = try MailServer()
        defer { server.stop() }
        let connection = try connect(server)
        #expect(try await connection.send(try mail()) == .sent)
        try server.hangUp(politely: politely)
        try await Task.sleep(for: .milliseconds(200))
        #expect(try await connection.send(try mail(id: "2")) == .sent)
        let report = try server.report()
        #expect(report.connections == 2)
        #expect(report.mails.map(\.messageID) == ["<request-1.confirmed@example.com>", "<2@example.com>"])
    }

    @Test("A server that wants few mails for a connection gets more connections")
    func fewMails() async throws {
        let server = try MailServer(#"{"mails_per_connection": 2}"#)
        defer { server.stop() }
        let connection = try connect(server)
        for number in 1...5 { #expect(try await connection.send(try mail(id: "\(number)")) == .sent) }
        let report = try server.report()
        #expect(report.connections == 3 && report.mails.count == 5)
    }

    @Test("A server that went away and came back is used again")
    func back() async throws {
        let first = try MailServer()
        defer { first.stop() }
        let connection = try connect(first)
        #expect(try await connection.send(try mail()) == .sent)
        first.stop()
        await #expect(throws: SMTPAway.self) { try await connection.send(try mail()) }
        let second = try MailServer(#"{"port": \#(first.port)}"#)
        defer { second.stop() }
        #expect(try await connection.send(try mail()) == .sent)
        #expect(try second.report().mails.count == 1)
    }

    @Test("A server that says nothing more is given up")
    func silent() async throws {
        let server = try MailServer()
        defer { server.stop() }
        let connection = try connect(server, mailSeconds: 1)
        let duration = await ContinuousClock().measure {
            await #expect(throws: SMTPAway.self) { try await connection.send(try mail(to: "silent@example.com")) }
        }
        #expect(duration < .seconds(90))
    }
}

@Suite("Encryption and login", .enabled(if: MailServer.isThere, serverIsMissing))
struct EncryptionTests {
    @Test("smtps:// and STARTTLS, with a login", arguments: [true, false])
    func login(isImplicit: Bool) async throws {
        let options = isImplicit ? #""implicit": true"# : #""starttls": "required""#
        let server = try MailServer(#"{\#(options), "login": ["user@example.com", "pässword"]}"#)
        defer { server.stop() }
        let connection = try connect(
            server, scheme: isImplicit ? "smtps" : "smtp", login: "user%40example.com:p%C3%A4ssword@")
        #expect(try await connection.send(try mail()) == .sent)
        #expect(try await connection.send(try mail()) == .sent)
        let report = try server.report()
        #expect(report.mails.allSatisfy { $0.isEncrypted && $0.login == "user@example.com" })
        #expect(report.mails.count == 2 && report.connections == 1)
    }

    @Test("A password is never said to a server without STARTTLS")
    func noPasswordInClear() async throws {
        let server = try MailServer(#"{"login": ["user", "word"]}"#)
        defer { server.stop() }
        let connection = try connect(server, login: "user:word@")
        await #expect(throws: SMTPAway.self) { try await connection.send(try mail()) }
        await #expect(throws: SMTPAway.self) { try await connection.check() }
        #expect(try server.report().mails.isEmpty)
        let careless = try connect(server, login: "user:word@", option: "?starttls=never")
        #expect(try await careless.send(try mail()) == .sent)
    }

    @Test("A certificate of an unknown authority is refused where STARTTLS is required", arguments: ["smtp", "smtps"])
    func unknownAuthority(_ scheme: String) async throws {
        let server = try MailServer(scheme == "smtps" ? #"{"implicit": true}"# : #"{"starttls": "offered"}"#)
        defer { server.stop() }
        let connection = try connect(
            server, scheme: scheme, option: scheme == "smtp" ? "?starttls=required" : "", isTrusted: false)
        let error = await #expect(throws: SMTPAway.self) { try await connection.send(try mail()) }
        #expect(error?.description.contains("certificate") == true, "\(error?.description ?? "")")
    }

    @Test("Without a password STARTTLS is used where it is offered", arguments: ["", "?starttls=never"])
    func opportunistic(_ option: String) async throws {
        let server = try MailServer(#"{"starttls": "offered"}"#)
        defer { server.stop() }
        let connection = try connect(server, option: option, isTrusted: false)
        #expect(try await connection.send(try mail()) == .sent)
        #expect(try server.report().mails.first?.isEncrypted == option.isEmpty)
    }
}
