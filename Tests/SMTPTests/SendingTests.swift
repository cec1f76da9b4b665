import MailServer
import Testing

@testable import SMTP

@Suite("Sending", .enabled(if: MailServer.isThere, serverIsMissing))
struct SendingTests {
    @Test("A mail arrives as it was meant")
    func arrives() async throws {
        let server = try MailServer()
        defer { server.stop() }
        let text = "¡Hola, Juan! Su reserva está confirmada.\n\n.\n..dos\nTotal: $ 395.600 \n"
        let sent = try mail(subject: "Reserva 1042 a San Andrés: confirmada", text: text)
        #expect(try await connect(server).send(sent) == .sent)
        let got = try #require(try server.report().mails.first)
        #expect(got.mailFrom == "bookings@example.com" && got.recipient == "juan@example.com")
        #expect(got.fromName == "Caramelo" && got.from == "bookings@example.com")
        #expect(got.toName == "Juan Pérez" && got.to == "juan@example.com" && got.recipientCount == 1)
        #expect(got.subject == "Reserva 1042 a San Andrés: confirmada")
        #expect(got.messageID == "<request-1.confirmed@example.com>")
        #expect(got.date == "2026-11-21T10:00:00+00:00")
        #expect(got.autoSubmitted == "auto-generated")
        #expect(got.type == "multipart/alternative")
        #expect(got.parts.map(\.type) == ["text/plain", "text/html"])
        #expect(got.parts.map(\.text) == [text, "<p>\(text)</p>\n"])
        #expect(got.parts.allSatisfy { $0.charset == "utf-8" && $0.language == "es" })
        #expect(got.defects == [] && got.bareLineEnds == 0 && got.longestLine <= 78)
    }

    @Test(
        "A name is a name and nothing else",
        arguments: [
            "Juan\r\nBcc: thief@example.com", "Juan\r\n\r\nText", "Juan\nPérez", "x\u{2028}y", "a\0b",
            "Pérez, Juan <a@b>", "\"Juan\"", "=?utf-8?q?=0D=0ABcc:_x?=", "Juan (El Rápido)", "a@b.c, d", "",
            String(repeating: "ñandú 😀 ", count: 25), String(repeating: "a", count: 200), "日本 太郎", "\u{202E}nauJ",
        ])
    func names(_ name: String) async throws {
        let server = try MailServer()
        defer { server.stop() }
        #expect(try await connect(server).send(try mail(name: name, subject: name)) == .sent)
        let got = try #require(try server.report().mails.first)
        #expect(got.recipientCount == 1 && got.to == "juan@example.com")
        #expect(got.toName == name.onOneLine)
        #expect(got.subject == name.onOneLine)
        #expect(
            got.headers == [
                "Date", "From", "To", "Subject", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
            ])
        #expect(got.defects == [] && got.longestLine <= 78)
    }

    @Test("Many mails go over one connection, also by STARTTLS", arguments: [false, true])
    func oneConnection(isEncrypted: Bool) async throws {
        let server = try MailServer(isEncrypted ? #"{"starttls": "required"}"# : "{}")
        defer { server.stop() }
        let connection = try connect(server, option: isEncrypted ? "?starttls=required" : "")
        try await connection.check()
        for number in 1...20 { #expect(try await connection.send(try mail(id: "\(number)")) == .sent) }
        let report = try server.report()
        #expect(report.connections == 1)
        #expect(report.mails.map(\.messageID) == (1...20).map { "<\($0)@example.com>" })
        #expect(report.mails.allSatisfy { $0.isEncrypted == isEncrypted })
    }

    @Test("A refused recipient costs the others nothing")
    func refused() async throws {
        let server = try MailServer()
        defer { server.stop() }
        let connection = try connect(server)
        #expect(try await connection.send(try mail()) == .sent)
        let refused = try await connection.send(try mail(to: "refused@example.com"))
        #expect(refused == .refused(.recipient("550-5.1.1 no such user 550 5.1.1 here")))
        #expect(try await connection.send(try mail()) == .sent)
        let later = try await connection.send(try mail(to: "later@example.com"))
        #expect(later == .putOff("451 4.2.0 try again later"))
        let unwanted = try await connection.send(try mail(to: "unwanted@example.com"))
        #expect(unwanted == .refused(.content("554 5.7.1 unwanted content")))
        #expect(try await connection.send(try mail()) == .sent)
    }

    @Test("Addresses that are not ASCII need SMTPUTF8", arguments: [false, true])
    func beyondASCII(hasUTF8: Bool) async throws {
        let server = try MailServer(#"{"utf8": \#(hasUTF8)}"#)
        defer { server.stop() }
        let connection = try connect(server)
        for address in ["josé@example.com", "jose@españa.example"] {
            let result = try await connection.send(try mail(to: address))
            if hasUTF8 {
                #expect(result == .sent)
                #expect(try server.report().mails.last?.to == address)
            } else {
                #expect(
                    result
                        == .refused(
                            .recipient("the address is not ASCII, and the server does not understand SMTPUTF8")))
            }
        }
        #expect(try await connection.send(try mail()) == .sent)
        #expect(try server.report().connections == 1)
    }
}
