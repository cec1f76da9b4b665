import ServerURL
import Testing

@testable import SMTP

@Suite("SMTP URL")
struct ServerURLTests {
    @Test(
        "What can be read",
        arguments: [
            ("smtp://mail", "smtp://mail:25", SMTPServer.Encryption.opportunistic),
            ("smtp://mail.example.com:587/", "smtp://mail.example.com:587", .opportunistic),
            ("smtps://mail", "smtps://mail:465", .implicit),
            ("SMTP://[::1]:2525", "smtp://[::1]:2525", .opportunistic),
            ("smtp://user:word@mail", "smtp://mail:25", .required),
            ("smtp://user:word@mail?starttls=never", "smtp://mail:25", .never),
            ("smtp://mail/?starttls=required", "smtp://mail:25", .required),
            ("smtp://user:word@mail:25/?starttls=opportunistic", "smtp://mail:25", .opportunistic),
        ])
    func valid(_ url: String, _ plain: String, _ encryption: SMTPServer.Encryption) throws {
        let server = try SMTPServer(url: url)
        #expect(server.url == plain)
        #expect(server.encryption == encryption)
    }

    @Test("User and password are percent-decoded")
    func login() throws {
        let server = try SMTPServer(url: "smtp://me%40example.com:a%3A%2F%3F%23b:c%C3%B1@mail")
        #expect(server.user == "me@example.com" && server.password == "a:/?#b:cñ")
        #expect(server.description == "mail:25")
    }

    @Test(
        "What can't be read",
        arguments: [
            "", "mail", "http://mail", "smtp://", "smtp://:25", "smtp://mail:", "smtp://mail:0", "smtp://mail:65536",
            "smtp://mail:+25", "smtp://mail/path", "smtp://ma il", "smtp://user@mail", "smtp://user:@mail",
            "smtp://:word@mail", "smtp://user:%zz@mail", "smtp://user:%00@mail", "smtp://user:%FF@mail", "smtp://[::1",
            "smtp://[::1]25", "smtp://mail?", "smtp://mail?starttls=yes", "smtp://mail?starttls=implicit",
            "smtp://mail?tls=1", "smtp://mail#starttls=never", "smtps://mail?starttls=required", "smtp://a\r\nb",
        ])
    func invalid(_ url: String) {
        let error = #expect(throws: SMTPServer.Invalid.self) { try SMTPServer(url: url) }
        #expect(error?.description.contains("word") != true || error?.description.contains("password") == true)
    }
}

@Suite("Addresses")
struct AddressTests {
    @Test(
        "Usable",
        arguments: [
            "a@b", "juan.perez+x@example.com", "o'neil@example.co.uk", "x_y-z=1@ex-ample.com", "a@[127.0.0.1]",
            "a@[IPv6:::1]", "josé@españa.example",
        ])
    func usable(_ text: String) {
        #expect(MailAddress(text)?.description == text)
    }

    @Test(
        "Not usable",
        arguments: [
            "", "a", "@", "a@", "@b", "a@b@c", "a b@c", "a@b c", "\"a\"@b", "a@b>", "<a@b", "a\r\nRCPT TO:<x>@b",
            "a@b\r\n", "a\0@b", "a@b\u{85}", "a\u{2028}@b", "a,b@c", "a@b,c", "a@b;c", "a:b@c", "a(b)@c", "a\u{200B}@b",
            "a\\@b",
            "a@[]", "a@[1", "a\u{A0}b@c",
        ])
    func notUsable(_ text: String) {
        #expect(MailAddress(text) == nil)
    }

    @Test("Senders")
    func mailboxes() {
        #expect(Mailbox("a@b")?.name == "")
        #expect(Mailbox("Caramelo <a@b>")?.name == "Caramelo")
        #expect(Mailbox("\"Caramelo, S. A.\" <a@b>")?.name == "Caramelo, S. A.")
        #expect(Mailbox("<a@b>")?.address.description == "a@b")
        for text in ["Caramelo", "Caramelo a@b", "x <a@b> y", "x <<a@b>>", "x\r\ny <a@b>", "x <>", ""] {
            #expect(Mailbox(text) == nil)
        }
    }
}
