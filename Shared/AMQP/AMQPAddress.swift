import ServerURL

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
    /// What a TLS connection is made with.
    public var files = TLSFiles()

    /// Why an AMQP URL can't be used.
    public typealias Invalid = ServerURL.Invalid

    /// The nodes of one cluster: URLs separated by commas.
    /// - Parameters:
    ///   - text: the URLs.
    ///   - files: what TLS connections are made with.
    /// - Throws: ``Invalid`` if one of them is no AMQP URL, or there is none.
    public static func list(_ text: String, files: TLSFiles = TLSFiles()) throws(Invalid) -> [AMQPAddress] {
        var addresses: [AMQPAddress] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let url = part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()
            addresses.append(try AMQPAddress(url: String(url)))
            addresses[addresses.count - 1].files = files
        }
        return addresses
    }

    /// A node from `amqp[s]://[user[:password]@]host[:port][/vhost]`; a path of none or `/` is the vhost `/`, and
    /// without a login it is that of `guest`.
    /// - Throws: ``Invalid`` if it isn't of that form.
    public init(url text: String) throws(Invalid) {
        let url = try ServerURL(text, schemes: ["amqp", "amqps"])
        guard url.options == nil else {
            throw Invalid("there are no options after ? or # (write them as %3F and %23 in a password)")
        }
        isTLS = url.scheme == "amqps"
        host = url.host
        port = url.port ?? (isTLS ? 5671 : 5672)
        user = url.user ?? "guest"
        password = url.user == nil ? "guest" : url.password ?? ""
        vhost = url.path.isEmpty ? "/" : try ServerURL.decoded(url.path)
        for (name, value) in [("user name", user), ("vhost", vhost)] where value.utf8.count > 255 {
            throw Invalid("its \(name) is longer than 255 bytes")
        }
    }
}
