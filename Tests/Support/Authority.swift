import Foundation

/// A private authority of certificates, by openssl.
public struct Authority: Sendable {
    /// Its certificate, which whoever trusts it has.
    public var certificate: String { folder + "/ca.pem" }
    private let folder: String

    /// Makes one in a folder of its own.
    public init(in folder: String) async throws {
        self.folder = folder
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try await openssl(
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", folder + "/ca.key", "-out", certificate,
            "-days", "2", "-subj", "/CN=Authority of a test", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    }

    /// Signs a certificate for the host `localhost` and leaves it as NAME.pem, its key as NAME.key, and its own as ca.pem.
    /// - Parameters:
    ///   - name: of the files; what is there is written over.
    ///   - target: their folder.
    ///   - days: for how long from now on it is good; less than 0 for one that was good before.
    public func certify(_ name: String, in target: String, days: Int = 2) async throws {
        try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
        let files = "\(target)/\(name)"
        let names = folder + "/names"
        try Data("subjectAltName=DNS:localhost\n".utf8).write(to: URL(filePath: names))
        try await openssl(
            "req", "-newkey", "rsa:2048", "-nodes", "-keyout", files + ".key", "-out", files + ".csr", "-subj",
            "/CN=localhost")
        try await openssl(
            "x509", "-req", "-in", files + ".csr", "-CA", certificate, "-CAkey", folder + "/ca.key", "-CAcreateserial",
            "-days", "\(days)", "-extfile", names, "-out", files + ".pem")
        try Data(contentsOf: URL(filePath: certificate)).write(to: URL(filePath: target + "/ca.pem"))
    }

    private func openssl(_ arguments: String...) async throws {
        let done = try await run("/usr/bin/openssl", arguments)
        guard done.status == 0 else { throw TestFailure("openssl \(arguments): \(done.errors)") }
    }
}
