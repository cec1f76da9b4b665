/// Where a Redis server is, and how to log in there.
public struct RedisAddress: Sendable, Equatable, CustomStringConvertible {
    /// Why a URL is no address, for people; without any part of the URL that may be secret.
    public struct Invalid: Error, Sendable, Equatable, CustomStringConvertible {
        /// What is wrong and, where it is not evident, what to do.
        public let description: String
    }

    /// A name, an IPv4 address or an IPv6 address (without brackets).
    public let host: String
    /// 1 to 65535.
    public let port: Int
    /// The number of the database, from 0.
    public let database: Int
    let user: String?
    let password: String?

    /// Host, port and database; no password.
    public var description: String { "\(host):\(port)/\(database)" }

    /// Reads `redis://[[user]:password@]host[:port][/database]`. The port is 6379 and the database 0 unless they are
    /// given; reserved characters in user and password are percent-encoded.
    public init(url: String) throws(Invalid) {
        if url.hasPrefix("rediss://") {
            throw Invalid(
                description: "rediss:// is not possible, because the client library (hiredis of Debian) is built "
                    + "without TLS; run a TLS tunnel such as stunnel or a sidecar beside the service and give its "
                    + "local end as redis://")
        }
        let scheme = "redis://"
        guard url.hasPrefix(scheme) else { throw Invalid(description: "it must begin with redis://") }
        var rest = url.dropFirst(scheme.count)
        guard !rest.contains(where: { $0 == "?" || $0 == "#" }) else {
            throw Invalid(description: "there are no options after ? or # (write them as %3F and %23 in a password)")
        }
        (user, password) = try Self.login(&rest)
        let parts = rest.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        (host, port) = try Self.hostAndPort(parts[0])
        database = try Self.database(parts.count == 2 ? parts[1] : "")
    }

    /// Takes user and password off the beginning of `rest`.
    private static func login(_ rest: inout Substring) throws(Invalid) -> (user: String?, password: String?) {
        guard let at = rest.lastIndex(of: "@") else { return (nil, nil) }
        let login = rest[..<at]
        rest = rest[rest.index(after: at)...]
        guard !login.contains("/") else {
            throw Invalid(description: "a / in user or password is written as %2F")
        }
        let parts = login.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[1].isEmpty else {
            throw Invalid(description: "before the @ there must be user:password or :password")
        }
        return (parts[0].isEmpty ? nil : try decoded(parts[0]), try decoded(parts[1]))
    }

    private static func hostAndPort(_ text: Substring) throws(Invalid) -> (String, Int) {
        var host = text
        var port: Substring = "6379"
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else {
                throw Invalid(description: "the ] after the IPv6 address is missing")
            }
            host = text[text.index(after: text.startIndex)..<end]
            let after = text[text.index(after: end)...]
            guard after.isEmpty || after.hasPrefix(":") else {
                throw Invalid(description: "after the IPv6 address there must be :port, / or nothing")
            }
            if !after.isEmpty { port = after.dropFirst() }
        } else if let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
        }
        guard !host.isEmpty else { throw Invalid(description: "the host is missing") }
        guard let number = number(port), (1...65_535).contains(number) else {
            throw Invalid(description: "the port must be a number from 1 to 65535 (an IPv6 address stands in brackets)")
        }
        return (try decoded(host), number)
    }

    private static func database(_ text: Substring) throws(Invalid) -> Int {
        if text.isEmpty { return 0 }
        guard let number = number(text) else {
            throw Invalid(description: "the database after the / must be a number from 0")
        }
        return number
    }

    /// Digits only: Swift would also take a sign.
    private static func number(_ text: Substring) -> Int? {
        text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int(text) : nil
    }

    private static func decoded(_ text: Substring) throws(Invalid) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8
        while let byte = rest.popFirst() {
            if byte != UInt8(ascii: "%") {
                bytes.append(byte)
                continue
            }
            guard let high = hexadecimal(rest.popFirst()), let low = hexadecimal(rest.popFirst()),
                high + low > 0
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
