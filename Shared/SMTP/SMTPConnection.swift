import ConnectionThread

/// The connection to a mail server, on a thread of its own; it carries one mail after another.
///
/// It connects on first use, stays open between mails, and connects again on the next use after it was lost. Waits are
/// bounded: 5 s to connect, 30 s for a mail in all. A mail on its way is not interrupted by the cancellation of the task
/// that waits for it.
public actor SMTPConnection {
    private let thread: ConnectionThread
    private let server: SMTPServer
    private let mailSeconds: Int
    private var link: SMTPLink?

    private static let connectSeconds = 5

    /// Does not connect yet.
    public init(server: SMTPServer) {
        self.init(server: server, mailSeconds: 30)
    }

    init(server: SMTPServer, mailSeconds: Int) {
        thread = ConnectionThread(name: "smtp")
        self.server = server
        self.mailSeconds = mailSeconds
    }

    deinit { thread.stop() }

    /// The connection's thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe thread.asUnownedSerialExecutor() }

    /// Connects and logs in, where that is not done yet.
    /// - Throws: ``SMTPAway`` where that is not possible.
    public func check() throws(SMTPAway) {
        try again { link throws(SMTPAway) in try link.check() }
    }

    /// Sends a mail.
    /// - Returns: what the server said of it.
    /// - Throws: ``SMTPAway`` where the failure is not about this mail.
    public func send(_ mail: Mail) throws(SMTPAway) -> SMTPResult {
        let recipient = mail.to.address
        if recipient.isBeyondASCII, try !hasUTF8() {
            return .refused(.recipient("the address is not ASCII, and the server does not understand SMTPUTF8"))
        }
        let bytes = mail.bytes
        return try again { link throws(SMTPAway) in try link.send(bytes, from: mail.from.address, to: recipient) }
    }

    /// Closes the connection; the next use opens it again.
    public func close() { link = nil }

    private func hasUTF8() throws(SMTPAway) -> Bool {
        if let known = link?.hasUTF8 { return known }
        try check()
        return link?.hasUTF8 ?? false
    }

    /// Does something, and once again where the server had closed the connection since it was used last, because it was
    /// idle or had carried as many mails as the server likes.
    private func again<Result>(_ action: (SMTPLink) throws(SMTPAway) -> Result) throws(SMTPAway) -> Result {
        let link = try openLink()
        do throws(SMTPAway) {
            return try action(link)
        } catch {
            let wasOpen = error.isClosed && link.wasReused
            // A new one reads the authorities' file anew, too.
            close()
            guard wasOpen else { throw error }
            return try action(try openLink())
        }
    }

    private func openLink() throws(SMTPAway) -> SMTPLink {
        if let link { return link }
        let opened = try SMTPLink(
            server: server, connectSeconds: Self.connectSeconds, mailSeconds: mailSeconds)
        link = opened
        return opened
    }
}
