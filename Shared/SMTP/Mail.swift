/// A mail with a plain text and the same as HTML (RFC 5322, RFC 2045), to one recipient.
public struct Mail: Sendable {
    /// Who it is from.
    public let from: Mailbox
    /// Who it is for.
    public let to: Mailbox
    /// On one line.
    public let subject: String
    /// Lines end with `\n`.
    public let text: String
    /// A whole HTML document.
    public let html: String
    /// The language of both, such as `es`.
    public let language: String
    /// What the `Message-ID` is made of: the same for the same mail, another for every other.
    public let id: String
    /// Seconds since 1970-01-01T00:00:00Z.
    public let date: Int

    /// - Parameters: as the properties of the same names say.
    public init(
        from: Mailbox, to: Mailbox, subject: String, text: String, html: String, language: String, id: String, date: Int
    ) {
        self.from = from
        self.to = to
        self.subject = subject
        self.text = text
        self.html = html
        self.language = language
        self.id = id
        self.date = date
    }

    /// Not possible in quoted-printable text, where a = is followed by a number or ends its line.
    private static let boundary = "=_caramelo"

    /// The mail as it is sent: the same bytes for the same mail.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        func line(_ text: String) { bytes += Array((text + "\r\n").utf8) }
        line("Date: \(HeaderText.date(date))")
        line("From: \(HeaderText.mailbox(from, column: 6))")
        line("To: \(HeaderText.mailbox(to, column: 4))")
        line("Subject: \(HeaderText.unstructured(subject, column: 9))")
        line("Message-ID: \(messageID)")
        line("Auto-Submitted: auto-generated")
        line("MIME-Version: 1.0")
        line("Content-Type: multipart/alternative; boundary=\"\(Self.boundary)\"")
        for (type, content) in [("plain", text), ("html", html)] {
            line("\r\n--\(Self.boundary)")
            line("Content-Type: text/\(type); charset=utf-8")
            line("Content-Transfer-Encoding: quoted-printable")
            line("Content-Language: \(language)")
            line("")
            bytes += QuotedPrintable.encode(content)
        }
        line("\r\n--\(Self.boundary)--")
        return bytes
    }

    /// `<id@domain of the sender>`.
    ///
    /// Letters, digits, `_`, `-` and single dots within are kept. What else there may be is percent-encoded, dots that
    /// RFC 5322 does not allow where they are among it, so that different ids stay different.
    var messageID: String {
        var left = ""
        var mayDot = false
        for (index, byte) in id.utf8.enumerated() {
            let isKept =
                switch byte {
                case UInt8(ascii: "."): mayDot && index < id.utf8.count - 1
                case UInt8(ascii: "_"), UInt8(ascii: "-"): true
                default: Self.isAlphanumeric(byte)
                }
            left += isKept ? String(UnicodeScalar(byte)) : "%" + QuotedPrintable.hexadecimal(byte)
            mayDot = isKept && byte != UInt8(ascii: ".")
        }
        return "<\(left)@\(from.address.domain)>"
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
