import AMQP
import Runtime
import SMTP

/// What mails are made and sent with.
struct Post: Sendable {
    let connection: SMTPConnection
    let sender: Mailbox
    let wording: any Wording
    let clock: LocalClock

    /// Reads the settings of `notifier`.
    /// - Returns: nil where `SMTP_URL` is not set.
    /// - Throws: ``WrongSetting`` for the first that can't be used, also where it would not be needed.
    init?(_ settings: Settings) throws(WrongSetting) {
        wording = try Self.wording(settings)
        clock = try Self.clock(settings)
        let url = settings.text("SMTP_URL", default: "")
        if url.isEmpty { return nil }
        do throws(SMTPServer.Invalid) {
            connection = SMTPConnection(server: try SMTPServer(url: url, authorities: settings.files.authorities))
        } catch {
            throw WrongSetting("SMTP_URL", "\(error)")
        }
        sender = try Self.sender(settings)
    }

    private static func wording(_ settings: Settings) throws(WrongSetting) -> any Wording {
        let locale = settings.text("NOTIFY_LOCALE", default: "es")
        switch locale {
        case "es": return Spanish()
        case "en": return English()
        default: throw WrongSetting("NOTIFY_LOCALE", "'\(locale)' is neither es nor en")
        }
    }

    private static func clock(_ settings: Settings) throws(WrongSetting) -> LocalClock {
        let zone = settings.text("NOTIFY_TIME_ZONE", default: "America/Bogota")
        guard let clock = LocalClock(timeZone: zone) else {
            throw WrongSetting("NOTIFY_TIME_ZONE", "'\(zone)' is no time zone that this system knows")
        }
        return clock
    }

    private static func sender(_ settings: Settings) throws(WrongSetting) -> Mailbox {
        let text = settings.text("MAIL_FROM", default: "")
        if text.isEmpty { throw WrongSetting("MAIL_FROM", "it is needed when SMTP_URL is set: the sender's address") }
        guard let sender = Mailbox(text), !sender.address.isBeyondASCII else {
            throw WrongSetting(
                "MAIL_FROM", "'\(text)' is neither an address like bookings@example.com nor Name <bookings@example.com>"
            )
        }
        return sender
    }
}
