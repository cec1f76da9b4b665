import Foundation
import Synchronization

/// One running replica of a service.
public final class ServiceProcess: Sendable {
    /// The service's name.
    public let name: String
    let port: Int
    private let log: URL
    private let process = Process()
    private let ending: AsyncStream<Void>

    /// Starts it.
    /// - Parameters:
    ///   - binary: the executable; the service's own unless given.
    ///   - environment: what is set besides this process's own environment.
    ///   - folder: where it works and logs.
    ///   - label: the name of its log file, without `.log`; what is there already stays.
    public init(
        _ name: String, binary: String? = nil, environment: [String: String], in folder: String, label: String? = nil
    ) throws {
        self.name = name
        port = try Self.freePort()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        log = URL(filePath: folder).appending(path: "\(label ?? "\(name)-\(port)").log")
        if !FileManager.default.fileExists(atPath: log.path) {
            _ = FileManager.default.createFile(atPath: log.path, contents: nil)
        }
        process.executableURL = URL(filePath: binary ?? TestEnvironment.binaries + "/" + name)
        process.currentDirectoryURL = URL(filePath: folder)
        process.environment = ProcessInfo.processInfo.environment
            .merging(["HTTP_PORT": "\(port)", "LOG_LEVEL": "debug"]) { $1 }.merging(environment) { $1 }
        let output = try FileHandle(forWritingTo: log)
        try output.seekToEnd()
        process.standardOutput = output
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        let (ending, end) = AsyncStream<Void>.makeStream()
        self.ending = ending
        process.terminationHandler = { _ in end.finish() }
        try spawn { try process.run() }
    }

    /// Its number while it runs.
    public var id: Int32 { process.processIdentifier }

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

    /// Waits for its end; for one task only.
    /// - Returns: its exit status, or minus the number of the signal that ended it.
    public func ended() async -> Int32 {
        for await _ in ending {}
        process.waitUntilExit()
        return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    }

    /// All that it has logged.
    public var logged: String { (try? String(contentsOf: log, encoding: .utf8)) ?? "" }

    /// The end of its log, for messages.
    public var lastLines: String { logged.split(separator: "\n").suffix(3).joined(separator: " | ") }

    /// Asks its operations port.
    public func get(_ path: String) async throws -> (status: Int, body: String) {
        let answer = try await run(
            "/usr/bin/curl", ["-sS", "-m", "5", "-w", "\n%{http_code}", "http://127.0.0.1:\(port)/\(path)"])
        let lines = answer.output.split(separator: "\n", omittingEmptySubsequences: false)
        return (Int(lines.last ?? "") ?? 0, lines.dropLast().joined(separator: "\n"))
    }

    /// Sends a request to its operations port, and reads until the other end closes the connection, for 5 s at most.
    /// - Returns: what came; `nil` where the connection stayed open.
    public func exchange(_ request: String) async throws -> String? {
        let script = "exec 3<>/dev/tcp/127.0.0.1/\(port) && printf %s \"$1\" >&3 && timeout 5 cat <&3"
        let done = try await run("/bin/bash", ["-c", script, "exchange", request])
        return done.status == 0 ? done.output : nil
    }

    /// The kernel takes ports for outgoing connections from a range above these, so that none of them is gone by the time
    /// the service listens.
    private static func freePort() throws -> Int {
        for _ in 0..<1_000 {
            let port = Int.random(in: 10_000..<20_000)
            if isFree(port), taken.withLock({ $0.insert(port).inserted }) { return port }
        }
        throw TestFailure("no free port")
    }

    private static let taken = Mutex<Set<Int>>([])

    private static func isFree(_ port: Int) -> Bool {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        address.sin_port = UInt16(port).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(socket, generic, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
