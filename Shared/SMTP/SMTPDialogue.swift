/// What is said between us and the server, as far as it matters: the last command and the reply to it.
///
/// libcurl gives one code for all refusals and does not say of what, so this listens to it. Nothing said at login is
/// kept.
struct SMTPDialogue {
    /// What a reply is an answer to, in the order in which it comes.
    enum Stage {
        case greeting, login, sender, recipient, content
    }

    /// The stage of the last command.
    private(set) var stage = Stage.greeting
    /// The code of the reply to the last command; nil while there is none.
    private(set) var code: Int?
    /// Its text, with the code.
    private(set) var text = ""
    /// Whether the server understands SMTPUTF8; nil before it has said.
    private(set) var hasUTF8: Bool?
    private var isReplyComplete = true
    /// Whether QUIT, which follows a failure, was said: what comes then must not hide it.
    private var isOver = false

    private static let textLimit = 400

    /// Begins anew for the next mail, maybe over the same connection.
    mutating func start() {
        stage = .greeting
        isOver = false
        forgetReply()
    }

    /// Notes a command.
    mutating func sent(_ line: String) {
        switch line.prefix(while: { $0 != " " && !$0.isNewline }) {
        case "EHLO", "HELO":
            hasUTF8 = false
            stage = .greeting
        case "STARTTLS", "AUTH": stage = .login
        case "MAIL": stage = .sender
        case "RCPT": stage = .recipient
        case "DATA": stage = .content
        case "QUIT":
            isOver = true
            return
        default: break
        }
        forgetReply()
    }

    /// Notes that a part of the mail itself went out, so that 354 is no longer the last word.
    mutating func sentContent() {
        if code == 354 { forgetReply() }
    }

    /// Notes a line of a reply.
    mutating func received(_ line: String) {
        guard !isOver else { return }
        let line = line.onOneLine
        if isReplyComplete { text = "" }
        isReplyComplete = line.dropFirst(3).first != "-"
        code = Int(line.prefix(3))
        if text.count < Self.textLimit { text += (text.isEmpty ? "" : " ") + line.prefix(Self.textLimit) }
        if stage == .greeting, hasUTF8 == false, line.dropFirst(4).uppercased() == "SMTPUTF8" { hasUTF8 = true }
    }

    private mutating func forgetReply() {
        code = nil
        text = ""
        isReplyComplete = true
    }
}
