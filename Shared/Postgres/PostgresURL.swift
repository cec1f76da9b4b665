import CLibPQ

extension PostgresConnection {
    /// What is wrong with a connection URL, `nil` where nothing is; without any part of the URL that may be secret.
    ///
    /// Everything that libpq understands is right: its URIs `postgres://user:password@host:port/database?option=…`,
    /// several hosts included. Whether there is such a server is not asked.
    public static func problem(inURL url: String) -> String? {
        guard url.hasPrefix("postgres://") || url.hasPrefix("postgresql://") else {
            return "it must begin with postgres:// or postgresql://"
        }
        var text: UnsafeMutablePointer<CChar>?
        guard let options = unsafe PQconninfoParse(url, &text) else {
            defer { unsafe PQfreemem(text) }
            return unsafe withoutQuotation(text.map { unsafe String(cString: $0) } ?? "it cannot be read")
        }
        defer { unsafe PQconninfoFree(options) }
        var option = unsafe options
        while let keyword = unsafe option.pointee.keyword {
            if let value = unsafe option.pointee.val,
                let problem = unsafe problem(option: String(cString: keyword), value: String(cString: value))
            {
                return problem
            }
            unsafe option += 1
        }
        return nil
    }

    /// libpq quotes what it could not read, which may be a password, at the end of its messages.
    private static func withoutQuotation(_ message: String) -> String {
        var kept = ""
        for word in firstLine(message).split(separator: " ") {
            if kept.hasSuffix(": "), word.hasPrefix("\"") { break }
            kept += word + " "
        }
        return String(kept.drop { $0 == " " }.reversed().drop { $0 == " " || $0 == ":" }.reversed())
    }

    /// Values that libpq would refuse only when it connects, when they would look like a server that is away.
    private static func problem(option: String, value: String) -> String? {
        switch option {
        case "port":
            let isRight = value.split(separator: ",", omittingEmptySubsequences: true).allSatisfy {
                (1...65_535).contains(Int($0) ?? 0)
            }
            return isRight ? nil : "a port must be a number from 1 to 65535"
        case "sslmode":
            return allowed(["disable", "allow", "prefer", "require", "verify-ca", "verify-full"])
        case "target_session_attrs":
            return allowed(["any", "read-write", "read-only", "primary", "standby", "prefer-standby"])
        case "channel_binding":
            return allowed(["disable", "prefer", "require"])
        case "gssencmode":
            return allowed(["disable", "prefer", "require"])
        case "ssl_min_protocol_version", "ssl_max_protocol_version":
            return allowed(["", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"])
        case "connect_timeout", "keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count",
            "tcp_user_timeout":
            return Int(value) == nil ? "\(option) must be a whole number" : nil
        default:
            return nil
        }
        func allowed(_ values: [String]) -> String? {
            values.contains(value) ? nil : "\(option) must be one of \(values.joined(separator: ", "))"
        }
    }
}
