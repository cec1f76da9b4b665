import Testing

@testable import SMTP

@Suite("Mail")
struct MailTests {
    @Test(
        "Message-ID",
        arguments: [
            ("request-1.confirmed", "request-1.confirmed"), ("a_b", "a_b"), (".a", "%2Ea"), ("a.", "a%2E"),
            ("a..b", "a.%2Eb"), ("a...b", "a.%2E%2Eb"), ("..confirmed", "%2E%2Econfirmed"), ("a%2Eb", "a%252Eb"),
            ("a b\r\n>ñ", "a%20b%0D%0A%3E%C3%B1"),
        ])
    func messageID(_ id: String, _ expected: String) throws {
        #expect(try mail(id: id).messageID == "<\(expected)@example.com>")
    }

    @Test(
        "Dates",
        arguments: [
            (1_795_255_200, "Sat, 21 Nov 2026 10:00:00 +0000"), (0, "Thu, 01 Jan 1970 00:00:00 +0000"),
            (951_782_399, "Mon, 28 Feb 2000 23:59:59 +0000"), (951_782_400, "Tue, 29 Feb 2000 00:00:00 +0000"),
            (-1, "Wed, 31 Dec 1969 23:59:59 +0000"), (-62_167_219_200, "Sat, 01 Jan 0000 00:00:00 +0000"),
            (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 +0000"),
        ])
    func dates(_ seconds: Int, _ expected: String) {
        #expect(HeaderText.date(seconds) == expected)
    }

    @Test("The same mail is the same bytes, in short lines")
    func bytes() throws {
        let long = String(repeating: "¿Cuánto? ", count: 300)
        let mail = try mail(name: long, subject: long, text: long)
        #expect(mail.bytes == mail.bytes)
        let lines = String(decoding: mail.bytes, as: UTF8.self).split(separator: "\r\n")
        #expect(lines.allSatisfy { $0.utf8.count <= 76 && $0.utf8.allSatisfy { 0x20...0x7E ~= $0 } })
    }

    @Test(
        "Quoted-printable",
        arguments: [
            ("", ""), ("a", "a\r\n"), ("a\r\nb", "a\r\nb\r\n"), ("a \n b", "a=20\r\n b\r\n"), ("a=b", "a=3Db\r\n"),
            ("é", "=C3=A9\r\n"), (".", "=2E\r\n"), ("a.b", "a.b\r\n"), ("\n", "\r\n"), ("a\rb", "a=0Db\r\n"),
            ("a\tb", "a=09b\r\n"),
        ])
    func quotedPrintable(_ text: String, _ expected: String) {
        #expect(String(decoding: QuotedPrintable.encode(text), as: UTF8.self) == expected)
    }

    @Test("Lines of quoted-printable text are at most 76 characters long")
    func longLines() {
        for length in 70...160 {
            let text = String(repeating: "x", count: length)
            let encoded = String(decoding: QuotedPrintable.encode(text), as: UTF8.self)
            #expect(encoded.split(separator: "\r\n").allSatisfy { $0.utf8.count <= 76 })
            #expect(encoded.replacing("=\r\n", with: "") == text + "\r\n")
        }
    }
}
