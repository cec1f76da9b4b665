import Foundation
import Synchronization

/// A real mail server on loopback (aiosmtpd of Python), until this goes.
public final class MailServer: Sendable {
    /// What the server says when it listens.
    private struct Start: Decodable {
        let port: Int
        let authorities: String
    }

    /// Where it listens.
    public let port: Int
    /// The PEM file of the authority that signed its certificate.
    public let authorities: String

    private let process: Process
    private let commands: FileHandle
    private let answers: FileHandle

    /// Why tests that need it are skipped.
    public static let hint = "needs Python's aiosmtpd (Debian: python3-aiosmtpd)"

    /// Whether to run tests that need it: where it is installed, and in CI, where it must not be missing.
    public static let isThere: Bool = {
        if python != nil || ProcessInfo.processInfo.environment["CI"] == "true" { return true }
        print("The tests with a mail server are skipped: \(hint)")
        return false
    }()

    /// The first Python that has aiosmtpd.
    private static let python: String? = ["python3", "/usr/bin/python3"].first { python in
        let process = try? start(python, ["-c", "import aiosmtpd"], input: nil, output: nil)
        process?.waitUntilExit()
        return process?.terminationStatus == 0
    }

    /// Starts one.
    /// - Parameter options: as JSON: `starttls` (`"offered"`, `"required"`), `implicit` (TLS), `login`
    ///   (`["user", "password"]`), `utf8`, `refuses_sender`, `mails_per_connection`, `port`.
    public init(_ options: String = "{}") throws {
        guard let python = Self.python else { throw Failure(description: Self.hint) }
        let (input, output) = (Pipe(), Pipe())
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "server.py").path
        process = try Self.start(python, [script, options], input: input, output: output)
        commands = input.fileHandleForWriting
        answers = output.fileHandleForReading
        let start = try JSONDecoder().decode(Start.self, from: Self.line(answers))
        port = start.port
        authorities = start.authorities
    }

    deinit { stop() }

    /// Ends it.
    public func stop() {
        try? commands.close()
        process.waitUntilExit()
    }

    /// What has happened so far.
    public func report() throws -> Report { try JSONDecoder().decode(Report.self, from: ask("report")) }

    /// Closes all connections, saying 421 first if `politely`.
    public func hangUp(politely: Bool) throws { _ = try ask(politely ? "goodbye" : "hangup") }

    private func ask(_ command: String) throws -> Data {
        try commands.write(contentsOf: Data((command + "\n").utf8))
        return try Self.line(answers)
    }

    private static func line(_ handle: FileHandle) throws -> Data {
        var line = Data()
        while let byte = try handle.read(upToCount: 1), byte.first != UInt8(ascii: "\n") {
            guard !byte.isEmpty else { break }
            line += byte
        }
        guard !line.isEmpty else { throw Failure(description: "the mail server of the tests has ended") }
        return line
    }

    private static func start(_ program: String, _ arguments: [String], input: Pipe?, output: Pipe?) throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [program] + arguments
        process.standardInput = input ?? FileHandle.nullDevice as Any
        process.standardOutput = output ?? FileHandle.nullDevice as Any
        if output == nil { process.standardError = FileHandle.nullDevice }
        try process.run()
        return process
    }

    private struct Failure: Error, CustomStringConvertible {
        let description: String
    }
}
