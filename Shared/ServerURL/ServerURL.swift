/// The parts of a server's URL: `scheme://[user[:password]@]host[:port][/path][?options]`.
public struct ServerURL: Sendable {
    /// Why a URL can't be used, for people; without any part of it that may be secret.
    public struct Invalid: Error, Sendable, Equatable, CustomStringConvertible {
        /// What is wrong and, where it is not evident, what to do.
        public let description: String
        /// - Parameter description: what is wrong.
        public init(_ description: String) { self.description = description }
    }

    /// One of the schemes asked for.
    public let scheme: String
    /// The user's name, decoded; nil where there is no login.
    public let user: String?
    /// The password, decoded; nil where the login has no colon.
    public let password: String?
    /// A name, an IPv4 address or an IPv6 address (without brackets).
    public let host: String
    /// 1 to 65535, where it is given.
    public let port: Int?
    /// What follows the slash after host and port, not decoded; empty where there is none.
    public let path: Substring
    /// What stands at the end, from `?` or `#` on.
    public let options: Substring?

    /// Takes a URL apart.
    /// - Parameters:
    ///   - text: the URL.
    ///   - schemes: those that are allowed, in lower case.
    /// - Throws: ``Invalid`` if it is not of the form above.
    public init(_ text: String, schemes: [String]) throws(Invalid) {
        let prefix = text.lowercased()
        guard let scheme = schemes.first(where: { prefix.hasPrefix($0 + "://") }) else {
            throw Invalid("it must begin with \(schemes.map { $0 + "://" }.joined(separator: " or "))")
        }
        guard text.unicodeScalars.allSatisfy({ $0.value > 32 && $0.value != 127 }) else {
            throw Invalid("it must not contain blanks or control characters: write them as %20 and so on")
        }
        self.scheme = scheme
        var rest = text.dropFirst(scheme.count + 3)
        let mark = rest.firstIndex { $0 == "?" || $0 == "#" }
        options = mark.map { rest[$0...] }
        rest = rest[..<(mark ?? rest.endIndex)]
        let slash = rest.firstIndex(of: "/")
        path = slash.map { rest[rest.index(after: $0)...] } ?? ""
        rest = rest[..<(slash ?? rest.endIndex)]
        do {
            (user, password) = try Self.login(&rest)
            (host, port) = try Self.hostAndPort(rest)
        } catch {
            throw path.contains("@") ? Invalid("a / in user or password is written as %2F") : error
        }
    }

    /// Text without its percent-encoding.
    /// - Throws: ``Invalid`` if it is malformed, not UTF-8, or contains U+0000.
    public static func decoded(_ text: Substring) throws(Invalid) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8
        while let byte = rest.popFirst() {
            if byte != UInt8(ascii: "%") {
                bytes.append(byte)
                continue
            }
            guard let high = hexadecimal(rest.popFirst()), let low = hexadecimal(rest.popFirst()), high + low > 0
            else { throw Invalid("a % must be followed by two hexadecimal digits, not 00 (%25 is a %)") }
            bytes.append(high << 4 | low)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            throw Invalid("percent-encoded characters must be UTF-8")
        }
        return decoded
    }

    /// Takes user and password off the beginning of `rest`.
    private static func login(_ rest: inout Substring) throws(Invalid) -> (user: String?, password: String?) {
        guard let at = rest.lastIndex(of: "@") else { return (nil, nil) }
        let parts = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        rest = rest[rest.index(after: at)...]
        return (try decoded(parts[0]), parts.count == 2 ? try decoded(parts[1]) : nil)
    }

    private static func hostAndPort(_ text: Substring) throws(Invalid) -> (String, Int?) {
        var host = text
        var port: Substring?
        let isAddress = text.hasPrefix("[")
        if isAddress {
            guard let end = text.firstIndex(of: "]") else {
                throw Invalid("the ] after the IPv6 address is missing")
            }
            host = text[text.index(after: text.startIndex)..<end]
            let after = text[text.index(after: end)...]
            guard after.isEmpty || after.hasPrefix(":") else {
                throw Invalid("after the IPv6 address there must be :port, / or nothing")
            }
            if !after.isEmpty { port = after.dropFirst() }
        } else if let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
        }
        let others = isAddress ? ".:%" : ".-_"
        guard !host.isEmpty, host.allSatisfy({ ($0.isASCII && ($0.isLetter || $0.isNumber)) || others.contains($0) })
        else { throw Invalid("the host is missing, or has characters that no host has") }
        guard let port else { return (String(host), nil) }
        // Digits only: Swift would also take a sign.
        guard port.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int(port), 1...65_535 ~= number else {
            throw Invalid("the port must be a number from 1 to 65535 (an IPv6 address stands in brackets)")
        }
        return (String(host), number)
    }

    private static func hexadecimal(_ digit: UInt8?) -> UInt8? {
        digit.flatMap { Character(UnicodeScalar($0)).hexDigitValue }.map(UInt8.init)
    }
}
