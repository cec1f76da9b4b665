/// What a server said of one mail.
public enum SMTPResult: Sendable, Equatable {
    /// It has taken the mail.
    case sent
    /// It will never take this mail.
    case refused(SMTPRefusal)
    /// It will not take this mail now; the text is its reply.
    case putOff(String)
}

/// Why a mail will never be taken.
public enum SMTPRefusal: Sendable, Equatable {
    /// There is no such recipient, or none for us; the text is the server's reply, or says what is wrong.
    case recipient(String)
    /// The mail itself is not wanted; the text is the server's reply.
    case content(String)
}

/// Thrown when the server is at fault or our settings are, not the mail: no connection, no encryption, a refused login
/// or sender, a server that is closing. The same mail may be sent later.
public struct SMTPAway: Error, Sendable, CustomStringConvertible {
    /// What was being done, and the server's reply or the failure.
    public let description: String
    /// Whether the server closed the connection, rather than being silent or refusing something.
    let isClosed: Bool

    init(_ description: String, isClosed: Bool = false) {
        self.description = description
        self.isClosed = isClosed
    }
}

extension SMTPDialogue {
    /// Codes that ask for a login or refuse it, at whatever command (RFC 4954, section 6).
    private static let loginCodes = [530, 534, 535, 538]
    private static let closing = 421

    /// What the server said of a mail for which libcurl reports a failure.
    /// - Parameters:
    ///   - failure: libcurl's text for it.
    ///   - isTimeout: whether it is that of a wait that was too long.
    /// - Throws: ``SMTPAway`` where that was not about the mail.
    func verdict(failure: String, isTimeout: Bool) throws(SMTPAway) -> SMTPResult {
        guard let code else { throw SMTPAway("\(failure) (\(doing))", isClosed: !isTimeout) }
        let isOfMail = stage == .recipient || stage == .content
        switch code / 100 {
        // These would come for every other mail too.
        case 4...5 where code == Self.closing || Self.loginCodes.contains(code) || !isOfMail:
            throw SMTPAway("\(text) (\(doing))", isClosed: code == Self.closing)
        case 4: return .putOff(text)
        case 5: return .refused(stage == .recipient ? .recipient(text) : .content(text))
        case 2 where stage == .content: return .sent
        default: throw SMTPAway("\(failure) (\(doing))", isClosed: !isTimeout)
        }
    }

    private var doing: String {
        switch stage {
        case .greeting: "connecting"
        case .login: "at STARTTLS or login"
        case .sender: "at the sender's address"
        case .recipient: "at the recipient's address"
        case .content: "sending the mail"
        }
    }
}
