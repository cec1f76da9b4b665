import ServerURL

/// Where a mail server is, how to log in there, and when its connection must be encrypted.
public struct SMTPServer: Sendable, Equatable, CustomStringConvertible {
    /// When the connection is encrypted.
    public enum Encryption: String, Sendable, Equatable, CaseIterable {
        /// From its first byte, `smtps://`.
        case implicit
        /// By STARTTLS, with a certificate that can be verified; without it nothing is said to the server.
        case required
        /// By STARTTLS where the server offers it, whatever its certificate.
        case opportunistic
        /// Not at all.
        case never
    }

    /// Why a URL is no server, for people; without any part of the URL that may be secret.
    public typealias Invalid = ServerURL.Invalid

    /// A name, an IPv4 address or an IPv6 address (without brackets).
    public let host: String
    /// 1 to 65535.
    public let port: Int
    /// When the connection is encrypted.
    public let encryption: Encryption
    /// A PEM file with the certificates of the authorities that are trusted instead of the system's; nil for these.
    public let authorities: String?
    let user: String?
    let password: String?

    /// Host and port; no password.
    public var description: String { "\(host):\(port)" }

    /// The URL as libcurl wants it, without credentials.
    var url: String {
        "\(encryption == .implicit ? "smtps" : "smtp")://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }

    /// Reads `smtp[s]://[user:password@]host[:port][?starttls=required|opportunistic|never]`.
    ///
    /// The port is 25, or 465 for `smtps://`, unless it is given; reserved characters in user and password are
    /// percent-encoded. STARTTLS is required where there is a password and else opportunistic, unless it is given.
    /// - Parameters:
    ///   - url: the URL.
    ///   - authorities: see the property of that name.
    /// - Throws: ``Invalid`` if the URL isn't of that form.
    public init(url text: String, authorities: String? = nil) throws(Invalid) {
        let url = try ServerURL(text, schemes: ["smtp", "smtps"])
        let isImplicit = url.scheme == "smtps"
        guard url.path.isEmpty else { throw Invalid("after host and port there must be nothing but ?starttls=…") }
        (host, port) = (url.host, url.port ?? (isImplicit ? 465 : 25))
        (user, password) = (url.user, url.password)
        guard user == nil || (user?.isEmpty == false && password?.isEmpty == false) else {
            throw Invalid("before the @ there must be user:password (an @ in the user is written as %40)")
        }
        let option = try url.options.map(Self.option)
        guard !isImplicit || option == nil else {
            throw Invalid("smtps:// is encrypted from the start: leave ?starttls= out, or use smtp://")
        }
        encryption = isImplicit ? .implicit : option ?? (password == nil ? .opportunistic : .required)
        self.authorities = authorities
    }

    /// Reads `?starttls=…`.
    private static func option(_ text: Substring) throws(Invalid) -> Encryption {
        let prefix = "?starttls="
        guard text.hasPrefix(prefix), let value = Encryption(rawValue: String(text.dropFirst(prefix.count))),
            value != .implicit
        else {
            throw Invalid(
                "after the ? there must be starttls=required, starttls=opportunistic or starttls=never "
                    + "(in a password, ? and # are written as %3F and %23)")
        }
        return value
    }
}
