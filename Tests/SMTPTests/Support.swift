import MailServer
import Testing

@testable import SMTP

/// Shown for the suites that are skipped.
let serverIsMissing = Comment(rawValue: MailServer.hint)

/// A connection to a server of the tests.
/// - Parameters:
///   - login: before the host, with its @.
///   - option: after the port.
func connect(
    _ server: MailServer, scheme: String = "smtp", login: String = "", option: String = "", isTrusted: Bool = true,
    mailSeconds: Int = 10
) throws -> SMTPConnection {
    let server = try SMTPServer(
        url: "\(scheme)://\(login)127.0.0.1:\(server.port)\(option)", authorities: isTrusted ? server.authorities : nil)
    return SMTPConnection(server: server, mailSeconds: mailSeconds)
}

/// A mail to an address.
func mail(
    to address: String = "juan@example.com", name: String = "Juan Pérez", subject: String = "Reserva a San Andrés",
    text: String = "Hola\n", id: String = "request-1.confirmed"
) throws -> Mail {
    Mail(
        from: try #require(Mailbox("Caramelo <bookings@example.com>")),
        to: Mailbox(name: name, address: try #require(MailAddress(address))), subject: subject, text: text,
        html: "<p>\(text)</p>\n", language: "es", id: id, date: 1_795_255_200)
}
