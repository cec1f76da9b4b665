import Foundation
import Synchronization

/// One running replica of a service.
public final class ServiceProcess: Sendable {
    /// The service's name.
    public let name: String
    private let port: Int
    private let log: URL
    private let process = Process()

    /// Starts it.
    init(_ name: String, environment: [String: String], system: String) throws {
        self.name = name
        port = try Self.freePort()
        let folder = URL(filePath: TestEnvironment.folder).appending(path: "services")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        log = folder.appending(path: "\(system)-\(name)-\(port).log")
        _ = FileManager.default.createFile(atPath: log.path, contents: nil)
        process.executableURL = URL(filePath: TestEnvironment.binaries + "/" + name)
        process.environment = ProcessInfo.processInfo.environment
            .merging(["HTTP_PORT": "\(port)", "LOG_LEVEL": "debug"]) { $1 }.merging(environment) { $1 }
        let output = try FileHandle(forWritingTo: log)
        process.standardOutput = output
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
    }

    /// Whether it has not ended.
    public var isRunning: Bool { process.isRunning }

    /// Sends it a signal.
    public func signal(_ number: Int32) { if process.isRunning { kill(process.processIdentifier, number) } }

    /// Waits for its end, for 15 s at most, then kills it.
    /// - Returns: its exit status.
    @discardableResult
    public func end() async -> Int32 {
        try? await eventually("end of \(name)", within: 15) { !process.isRunning }
        signal(SIGKILL)
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// All that it has logged.
    public var logged: String { (try? String(contentsOf: log, encoding: .utf8)) ?? "" }

    /// The end of its log, for messages.
    var lastLines: String { logged.split(separator: "\n").suffix(3).joined(separator: " | ") }

    /// Asks its operations port.
    public func get(_ path: String) async throws -> (status: Int, body: String) {
        let answer = try await run(
            "/usr/bin/curl", ["-sS", "-m", "5", "-w", "\n%{http_code}", "http://127.0.0.1:\(port)/\(path)"])
        let lines = answer.output.split(separator: "\n", omittingEmptySubsequences: false)
        return (Int(lines.last ?? "") ?? 0, lines.dropLast().joined(separator: "\n"))
    }

    private static func freePort() throws -> Int {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(socket, generic, size) == 0 && getsockname(socket, generic, &size) == 0
            }
        }
        guard status else { throw TestFailure("no free port") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
