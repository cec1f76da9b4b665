/// The files in PEM form that a TLS connection is made with, where the URL doesn't name others.
public struct PostgresFiles: Sendable {
    /// What they are for libpq.
    let settings: [(String, String)]

    /// - Parameters:
    ///   - authorities: certificates of the authorities to trust; `nil` leaves it to libpq (~/.postgresql/root.crt).
    ///     With it `sslmode=require` verifies the certificate, too.
    ///   - certificate: our own certificate.
    ///   - key: its private key, which others must not be able to read.
    public init(authorities: String? = nil, certificate: String? = nil, key: String? = nil) {
        settings = [("sslrootcert", authorities), ("sslcert", certificate), ("sslkey", key)]
            .compactMap { option, file in file.map { (option, $0) } }
    }

    /// The settings that a failure of TLS may be a matter of, to stand behind libpq's message.
    static func hint(on message: String) -> String {
        if message.contains("certificate verify failed") {
            return ": it is out of date, or signed by no authority of TLS_CA_FILE (or sslrootcert in DATABASE_URL)"
        }
        if message.contains("does not match host name") { return " that DATABASE_URL says" }
        let isAboutOurs = ["client certificate", "private key", "certificate required", "unknown ca"]
            .contains { message.contains($0) }
        if isAboutOurs { return " (TLS_CERT_FILE, TLS_KEY_FILE; or sslcert, sslkey in DATABASE_URL)" }
        return message.contains("root certificate file") ? " (TLS_CA_FILE, or sslrootcert in DATABASE_URL)" : ""
    }
}
