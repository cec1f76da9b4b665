/// One RabbitMQ node and how to log in to it, as an AMQP URL says.
public struct AMQPAddress: Sendable, Equatable {
    /// Host name or address.
    public var host: String
    /// TCP port.
    public var port: Int
    /// User name.
    public var user: String
    /// Password; never part of a message for people.
    public var password: String
    /// Virtual host, decoded.
    public var vhost: String
    /// Whether the connection is TLS (`amqps`).
    public var isTLS: Bool

    /// Why an AMQP URL can't be used.
    public struct Invalid: Error, CustomStringConvertible {
        /// What is wrong with it, without the password.
        public let description: String
    }

    /// The nodes of one cluster: URLs separated by commas.
    /// - Throws: ``Invalid`` if one of them is no AMQP URL, or there is none.
    public static func list(_ text: String) throws(Invalid) -> [AMQPAddress] {
        var addresses: [AMQPAddress] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            addresses.append(try AMQPAddress(url: part))
        }
        return addresses
    }

    /// A node from `amqp[s]://[user[:password]@]host[:port][/vhost]`; a path of none or `/` is the vhost `/`.
    /// - Throws: ``Invalid`` if it isn't of that form.
    public init(url text: some StringProtocol) throws(Invalid) {
        let url = String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        guard url.unicodeScalars.allSatisfy({ $0.value > 32 && $0.value != 127 }) else {
            throw Invalid(description: "it must not contain blanks or control characters: write them as %20 and so on")
        }
        guard let separator = url.range(of: "://") else {
            throw Invalid(description: "it must begin with amqp:// or amqps://")
        }
        switch url[..<separator.lowerBound].lowercased() {
        case "amqp": isTLS = false
        case "amqps": isTLS = true
        default: throw Invalid(description: "it must begin with amqp:// or amqps://")
        }
        var rest = url[separator.upperBound...]
        if let query = rest.firstIndex(where: { $0 == "?" || $0 == "#" }) {
            throw Invalid(description: "'\(rest[query])…' at its end is not understood")
        }
        let slash = rest.firstIndex(of: "/")
        let path = slash.map { rest[rest.index(after: $0)...] } ?? ""
        rest = rest[..<(slash ?? rest.endIndex)]
        (user, password) = ("guest", "guest")
        if let at = rest.lastIndex(of: "@") {
            let login = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            user = try Self.decode(login[0], "user name")
            password = try login.count > 1 ? Self.decode(login[1], "password") : ""
            rest = rest[rest.index(after: at)...]
        }
        (host, port) = try Self.hostAndPort(rest, standard: isTLS ? 5671 : 5672)
        vhost = try path.isEmpty ? "/" : Self.decode(path, "vhost")
    }

    private static func hostAndPort(_ text: Substring, standard: Int) throws(Invalid) -> (String, Int) {
        var host = text
        var port: Substring?
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            host = text[text.index(after: text.startIndex)..<end]
            let tail = text[text.index(after: end)...]
            guard tail.isEmpty || tail.hasPrefix(":") else { throw Invalid(description: "its host is malformed") }
            port = tail.isEmpty ? nil : tail.dropFirst()
        } else if let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
        }
        guard !host.isEmpty else { throw Invalid(description: "it names no host") }
        guard let port, !port.isEmpty else { return (String(host), standard) }
        guard port.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(port), (1...65535).contains(number)
        else {
            throw Invalid(description: "its port must be a number from 1 to 65535")
        }
        return (String(host), number)
    }

    private static func decode(_ text: some StringProtocol, _ part: String) throws(Invalid) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8.makeIterator()
        while let byte = rest.next() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.next().flatMap({ Character(UnicodeScalar($0)).hexDigitValue }),
                let low = rest.next().flatMap({ Character(UnicodeScalar($0)).hexDigitValue })
            else { throw Invalid(description: "its \(part) has a '%' that two hexadecimal digits must follow") }
            bytes.append(UInt8(high * 16 + low))
        }
        guard let decoded = String(validating: bytes, as: UTF8.self), !decoded.utf8.contains(0) else {
            throw Invalid(description: "its \(part) is not UTF-8 text")
        }
        guard bytes.count <= 255 else { throw Invalid(description: "its \(part) is longer than 255 bytes") }
        return decoded
    }
}

extension String {
    /// Where `other` first stands in the string.
    fileprivate func range(of other: String) -> Range<Index>? {
        indices.lazy.first { self[$0...].hasPrefix(other) }.map { $0..<index($0, offsetBy: other.count) }
    }
}
