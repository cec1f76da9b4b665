extension MailServer {
    /// What has happened at the server.
    public struct Report: Decodable, Sendable {
        /// How often somebody connected.
        public let connections: Int
        /// The mails it took, in their order.
        public let mails: [ReceivedMail]
    }
}

/// A mail as Python's parser reads it.
public struct ReceivedMail: Decodable, Sendable {
    /// One of the alternatives.
    public struct Part: Decodable, Sendable {
        /// Such as `text/plain`.
        public let type: String
        /// As the header says.
        public let charset: String
        /// As the header says.
        public let language: String
        /// Decoded; lines end with `\n`.
        public let text: String
    }

    /// The sender's address of the envelope.
    public let mailFrom: String
    /// The recipient's address of the envelope.
    public let recipient: String
    /// The decoded name of `From`.
    public let fromName: String
    /// The address of `From`.
    public let from: String
    /// The decoded name of `To`.
    public let toName: String
    /// The first address of `To`.
    public let to: String
    /// The number of addresses of `To`.
    public let recipientCount: Int
    /// Decoded.
    public let subject: String
    /// With its brackets.
    public let messageID: String
    /// ISO 8601 with an offset.
    public let date: String
    /// As the header says.
    public let autoSubmitted: String
    /// The names of all headers, in their order.
    public let headers: [String]
    /// The content type of all.
    public let type: String
    /// The alternatives.
    public let parts: [Part]
    /// What the parser has to find fault with.
    public let defects: [String]
    /// The bytes of the longest line.
    public let longestLine: Int
    /// How many line ends are not CRLF.
    public let bareLineEnds: Int
    /// Whether it came by TLS.
    public let isEncrypted: Bool
    /// Who had logged in; empty for nobody.
    public let login: String
}
