import Contract
import Logging
import Runtime
import SMTP

/// Mails what there is to tell, where mail is set up, and logs a line for each.
struct Announcer: Sendable {
    /// Nil where nothing is mailed.
    let post: Post?
    let logger: Logger
    private let mailed = RecentIDs(limit: 20_000)

    init(post: Post?, logger: Logger) {
        self.post = post
        self.logger = logger
    }

    /// How many to tell together: where they are mailed one by one, so few that they are done within the time that a
    /// service has to stop.
    var batchLimit: Int { post == nil ? 256 : 10 }

    /// Connects to the mail server, so that one that is away or refuses us is known before the first mail.
    /// - Throws: ``DependencyAway``.
    func prepare() async throws {
        do { try await post?.connection.check() } catch { throw DependencyAway("SMTP", error) }
    }

    /// Tells what a batch of messages says.
    /// - Throws: ``DependencyAway`` where the mail server is, or stops working; what was mailed before is not
    ///   mailed again when the batch comes back.
    func announce(_ batch: [Delivery]) async throws -> [Verdict] {
        var verdicts: [Verdict] = []
        for delivery in batch {
            let reading = Result { () throws(Unreadable) in try Announcement(delivery) }
            switch reading {
            case .success(let announcement): verdicts.append(try await announce(announcement))
            case .failure(let unreadable): verdicts.append(Verdict(failure: unreadable))
            }
        }
        return verdicts
    }

    private func announce(_ announcement: Announcement) async throws -> Verdict {
        guard let post, let email = announcement.email else {
            log(announcement, mail: post == nil ? "off" : "no address")
            return .done()
        }
        if mailed.contains(announcement.eventID) { return .done() }
        guard let address = MailAddress(email) else {
            return .deadLetter(
                reason: "recipient_refused", detail: "the e-mail address can't be used in SMTP without quoting")
        }
        let result: SMTPResult
        do {
            result = try await post.connection.send(post.mail(announcement, to: address))
        } catch {
            throw DependencyAway("SMTP", error)
        }
        switch result {
        case .sent:
            mailed.insert(announcement.eventID)
            log(announcement, mail: "sent")
            return .done()
        case .putOff(let reply): return .tryLater("the mail server puts off: \(reply)")
        case .refused(.recipient(let reply)): return .deadLetter(reason: "recipient_refused", detail: reply)
        case .refused(.content(let reply)): return .deadLetter(reason: "mail_refused", detail: reply)
        }
    }

    private func log(_ announcement: Announcement, mail: String) {
        logger.info(
            announcement.message, metadata: announcement.metadata.merging(["mail": "\(mail)"]) { $1 })
    }
}

extension Post {
    /// The mail for an announcement: the same for the same one.
    func mail(_ announcement: Announcement, to address: MailAddress) -> Mail {
        let letter = Letter(announcement, wording, clock)
        return Mail(
            from: sender, to: Mailbox(name: announcement.name, address: address), subject: letter.subject,
            text: letter.text, html: letter.html, language: wording.language, id: announcement.eventID,
            date: announcement.occurredAt.seconds)
    }
}
