import ArgumentParser
import Runtime

/// Tells the customer of outcomes, and welcomes new ones: by e-mail, or in the log alone.
@main
struct Notifier: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "notifier",
        abstract: "Announces outcomes to the customer.",
        discussion: Settings.help(
            port: 8085,
            more: [
                "SMTP_URL": "smtp[s]://[user:password@]host[:port][?starttls=required|opportunistic|never]; unset: "
                    + "notifications are logged only (unset)",
                "MAIL_FROM": "sender, such as Caramelo <bookings@example.com>; needed with SMTP_URL (unset)",
                "NOTIFY_LOCALE": "language of the mails: es or en (es)",
                "NOTIFY_TIME_ZONE": "of the times in the mails (America/Bogota)",
            ]))

    func run() async {
        await runService("notifier", defaultPort: 8085) { service in
            let announcer = Announcer(post: try Post(service.settings), logger: service.logger)
            return ServicePlan(
                [Subscription(QueueName.notifications, batchLimit: announcer.batchLimit, handle: announcer.announce)],
                prepare: announcer.prepare)
        }
    }
}
