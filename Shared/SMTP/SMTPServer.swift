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
    public struct Invalid: Error, Sendable, Equatable, CustomStringConvertible {
        /// What is wrong and, where it is not evident, what to do.
        public let description: String
    }

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
    public init(url: String, authorities: String? = nil) throws(Invalid) {
        let scheme = ["smtp://", "smtps://"].first { url.lowercased().hasPrefix($0) }
        guard let scheme else { throw Invalid(description: "it must begin with smtp:// or smtps://") }
        let isImplicit = scheme == "smtps://"
        var rest = url.dropFirst(scheme.count)
        let option = try Self.option(&rest)
        (user, password) = try Self.login(&rest)
        if rest.hasSuffix("/") { rest.removeLast() }
        (host, port) = try Self.hostAndPort(rest, standard: isImplicit ? 465 : 25)
        guard !isImplicit || option == nil else {
            throw Invalid(description: "smtps:// is encrypted from the start: leave ?starttls= out, or use smtp://")
        }
        encryption = isImplicit ? .implicit : option ?? (password == nil ? .opportunistic : .required)
        self.authorities = authorities
    }

    /// Takes `?starttls=` off the end of `rest`.
    private static func option(_ rest: inout Substring) throws(Invalid) -> Encryption? {
        guard let mark = rest.firstIndex(where: { $0 == "?" || $0 == "#" }) else { return nil }
        let option = rest[rest.index(after: mark)...]
        let value = Encryption(rawValue: String(option.dropFirst("starttls=".count)))
        guard rest[mark] == "?", option.hasPrefix("starttls="), let value, value != .implicit else {
            throw Invalid(
                description: "after the ? there must be starttls=required, starttls=opportunistic or starttls=never "
                    + "(in a password, ? and # are written as %3F and %23)")
        }
        rest = rest[..<mark]
        return value
    }

    /// Takes user and password off the beginning of `rest`.
    private static func login(_ rest: inout Substring) throws(Invalid) -> (user: String?, password: String?) {
        guard let at = rest.lastIndex(of: "@") else { return (nil, nil) }
        let login = rest[..<at]
        rest = rest[rest.index(after: at)...]
        let parts = login.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
            throw Invalid(description: "before the @ there must be user:password (an @ in the user is written as %40)")
        }
        return (try decoded(parts[0]), try decoded(parts[1]))
    }

    private static func hostAndPort(_ text: Substring, standard: Int) throws(Invalid) -> (String, Int) {
        var host = text
        var port: Substring?
        let isAddress = text.hasPrefix("[")
        if isAddress {
            guard let end = text.firstIndex(of: "]") else {
                throw Invalid(description: "the ] after the IPv6 address is missing")
            }
            host = text[text.index(after: text.startIndex)..<end]
            let after = text[text.index(after: end)...]
            guard after.isEmpty || after.hasPrefix(":") else {
                throw Invalid(description: "after the IPv6 address there must be :port or nothing")
            }
            if !after.isEmpty { port = after.dropFirst() }
        } else if let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
        }
        let others = isAddress ? ".:%" : ".-_"
        guard !host.isEmpty, host.allSatisfy({ ($0.isASCII && ($0.isLetter || $0.isNumber)) || others.contains($0) })
        else { throw Invalid(description: "the host is missing, or has characters that no host has") }
        guard let port else { return (String(host), standard) }
        guard port.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int(port), 1...65_535 ~= number else {
            throw Invalid(description: "the port must be a number from 1 to 65535 (an IPv6 address stands in brackets)")
        }
        return (String(host), number)
    }

    private static func decoded(_ text: Substring) throws(Invalid) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8
        while let byte = rest.popFirst() {
            if byte != UInt8(ascii: "%") {
                bytes.append(byte)
                continue
            }
            guard let high = hexadecimal(rest.popFirst()), let low = hexadecimal(rest.popFirst()), high + low > 0
            else { throw Invalid(description: "a % must be followed by two hexadecimal digits, not 00 (%25 is a %)") }
            bytes.append(high << 4 | low)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            throw Invalid(description: "percent-encoded characters must be UTF-8")
        }
        return decoded
    }

    private static func hexadecimal(_ digit: UInt8?) -> UInt8? {
        digit.flatMap { Character(UnicodeScalar($0)).hexDigitValue }.map(UInt8.init)
    }
}
