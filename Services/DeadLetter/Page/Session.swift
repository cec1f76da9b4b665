import Contract

/// Somebody who has logged in. All of it is in the cookie, sealed with the token, so that every replica knows it; another token
/// ends all sessions.
struct Session: Sendable {
    /// The cookie's name.
    static let cookie = "caramelo-dead-letters"
    /// Seconds until one has to log in again.
    static let lifetime = 12 * 3_600

    /// To whom changes are put down.
    let name: String
    /// Goes with each form of the session, and with no other.
    let formToken: String
    /// The cookie's value.
    let value: String

    /// Begins one.
    init(of name: String, seal: Seal) {
        let nonce = Hex.text((0..<16).map { _ in UInt8.random(in: .min ... .max) })
        let end = Timestamp.now.advanced(bySeconds: Self.lifetime).milliseconds
        self.init(name: name, contents: "\(end).\(nonce).\(Hex.text(name.utf8))", seal: seal)
    }

    /// Reads a cookie; `nil` for one that is not ours, or too old.
    init?(cookie: String, seal: Seal) {
        guard let dot = cookie.lastIndex(of: ".") else { return nil }
        let parts = cookie[..<dot].split(separator: ".")
        guard parts.count == 3, let end = Int64(parts[0]), let name = Hex.bytes(parts[2].utf8) else { return nil }
        self.init(name: String(decoding: name, as: UTF8.self), contents: String(cookie[..<dot]), seal: seal)
        guard Seal.areEqual(value, cookie), Timestamp.now.milliseconds < end else { return nil }
    }

    private init(name: String, contents: String, seal: Seal) {
        self.name = name
        value = "\(contents).\(seal.code("session", contents))"
        formToken = seal.code("form", contents)
    }

    /// The header that sets the cookie, or takes it away.
    /// - Parameter isSecure: whether the browser came over TLS.
    static func header(_ value: String?, isSecure: Bool) -> String {
        "\(cookie)=\(value ?? ""); Path=/; HttpOnly; SameSite=Strict; Max-Age=\(value == nil ? 0 : lifetime)"
            + (isSecure ? "; Secure" : "")
    }
}
