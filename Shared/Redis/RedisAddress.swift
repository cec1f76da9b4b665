import ServerURL

/// Where a Redis server is, and how to log in there.
public struct RedisAddress: Sendable, Equatable, CustomStringConvertible {
    /// Why a URL is no address, for people; without any part of the URL that may be secret.
    public typealias Invalid = ServerURL.Invalid

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
    /// - Throws: ``Invalid`` if it isn't of that form.
    public init(url text: String) throws(Invalid) {
        if text.hasPrefix("rediss://") {
            throw Invalid(
                "rediss:// is not possible, because the client library (hiredis of Debian) is built without TLS; run "
                    + "a TLS tunnel such as stunnel or a sidecar beside the service and give its local end as redis://")
        }
        let url = try ServerURL(text, schemes: ["redis"])
        guard url.options == nil else {
            throw Invalid("there are no options after ? or # (write them as %3F and %23 in a password)")
        }
        host = url.host
        port = url.port ?? 6379
        user = url.user?.isEmpty == true ? nil : url.user
        password = url.password
        guard url.user == nil || password?.isEmpty == false else {
            throw Invalid("before the @ there must be user:password or :password")
        }
        guard url.path.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int("0" + url.path) else {
            throw Invalid("the database after the / must be a number from 0")
        }
        database = number
    }
}
