import Glibc

/// The files that TLS connections are made with, all in PEM form; each exists and can be read.
public struct TLSFiles: Sendable, Equatable {
    /// Why such a file can't be used.
    public struct Wrong: Error, Sendable, Equatable {
        /// The environment variable that names the file.
        public let variable: String
        /// What is wrong with it.
        public let problem: String
    }

    /// Certificates of the authorities to trust instead of the system's: `TLS_CA_FILE`.
    public let authorities: String?
    /// Our own certificate, for servers that want one: `TLS_CERT_FILE`.
    public let certificate: String?
    /// Its private key, which may be in the same file: `TLS_KEY_FILE`.
    public let key: String?

    /// The authorities of the system, and no certificate of our own.
    public init() { (authorities, certificate, key) = (nil, nil, nil) }

    /// The files that environment variables name.
    /// - Parameter value: the value of a variable, `nil` where it is not set.
    /// - Throws: ``Wrong`` for the first that can't be read, or is missing beside another.
    public init(_ value: (String) -> String?) throws(Wrong) {
        func file(_ variable: String) throws(Wrong) -> String? {
            guard let path = value(variable), !path.isEmpty else { return nil }
            guard unsafe access(path, R_OK) == 0 else {
                throw Wrong(variable: variable, problem: "'\(path)' can't be read")
            }
            return path
        }
        authorities = try file("TLS_CA_FILE")
        certificate = try file("TLS_CERT_FILE")
        key = try file("TLS_KEY_FILE")
        guard (certificate == nil) == (key == nil) else {
            let missing = key == nil ? "TLS_KEY_FILE" : "TLS_CERT_FILE"
            throw Wrong(variable: missing, problem: "TLS_CERT_FILE and TLS_KEY_FILE are needed together")
        }
    }

    /// The authorities' file, for libraries that want one in any case.
    var trusted: String { authorities ?? "/etc/ssl/certs/ca-certificates.crt" }
}
