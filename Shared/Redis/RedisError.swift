/// What went wrong between us and Redis.
public struct RedisError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure.
    public enum Code: Sendable, Equatable {
        /// No connection could be made, or it was lost. Whether what was on its way took effect is not known.
        case connectionLost
        /// No answer in time. What was on its way may still take effect.
        case timedOut
        /// The server's error reply, which begins with a word in capitals such as `WRONGTYPE`.
        case server(String)
    }

    /// The kind of failure.
    public let code: Code
    /// What the server or the client library says.
    public let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    init(reply: String) {
        self.init(.server(reply), reply)
    }

    /// For logs: the kind and the message.
    public var description: String {
        switch code {
        case .connectionLost: "Redis is not there: \(message)"
        case .timedOut: "Redis took too long: \(message)"
        case .server: "Redis: \(message)"
        }
    }

    /// Whether the server is at fault, not the command: away, loading its data, read-only, full, busy, or refusing the
    /// login. The same command may succeed later.
    public var isDependencyAway: Bool {
        guard case .server(let reply) = code else { return true }
        return Self.away.contains { reply.hasPrefix($0) }
    }

    private static let away = [
        "LOADING", "READONLY", "MISCONF", "OOM", "NOREPLICAS", "BUSY ", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN",
        "NOAUTH", "WRONGPASS", "NOPERM", "ERR AUTH ", "ERR Client sent AUTH", "ERR invalid password",
        "ERR max number of clients",
        "ERR DB index is out of range",
    ]

    /// Whether the server does not know a script (any more).
    var isUnknownScript: Bool {
        guard case .server(let reply) = code else { return false }
        return reply.hasPrefix("NOSCRIPT")
    }
}
