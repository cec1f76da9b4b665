import Foundation

/// A span as the collector has got it.
public struct CollectedSpan: Decodable, Sendable {
    /// Where in which trace a span is, in hexadecimal digits.
    public struct Place: Decodable, Sendable, Hashable {
        /// The trace.
        public let trace: String
        /// The span.
        public let span: String

        /// - Parameters: as the properties of the same names say.
        public init(trace: String, span: String) {
            self.trace = trace
            self.span = span
        }
    }

    /// The trace.
    public let trace: String
    /// Its id.
    public let span: String
    /// What came along as `tracestate`.
    public let state: String
    /// The span that it belongs to; empty where there is none.
    public let parent: String
    /// Its name.
    public let name: String
    /// 1 internal, 4 producer, 5 consumer.
    public let kind: Int
    /// Nanoseconds since 1970.
    public let start: UInt64
    /// Nanoseconds since 1970.
    public let end: UInt64
    /// Whether its status is an error.
    public let failed: Bool
    /// Its attributes, as texts.
    public let attributes: [String: String]
    /// The spans that it is linked to.
    public let links: [Place]
    /// What it says of the process.
    public let resource: [String: String]
}

/// A trace collector that parses OTLP with OpenTelemetry's own messages, until this goes.
public final class Collector: Sendable {
    private struct Start: Decodable { let port: Int }

    /// The value of `OTEL_EXPORTER_OTLP_ENDPOINT`.
    public let endpoint: String
    private let process: Process
    private let input = Pipe()
    private let output: URL

    /// Why tests that need it are skipped.
    public static let hint = "needs opentelemetry-proto, which can't be installed from PyPI"

    /// Whether to run tests that need it: where it can be installed, and in CI, where it must not be missing.
    public static let isThere: Bool = {
        if !TestEnvironment.hasServers { return false }
        let process = collector("install")
        try? spawn { try process.run() }
        process.waitUntilExit()
        return process.terminationStatus == 0 || ProcessInfo.processInfo.environment["CI"] == "true"
    }()

    private static func collector(_ arguments: String...) -> Process {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", tests.appending(path: "Collector/collector.py").path] + arguments
        return process
    }

    /// Starts one.
    /// - Parameter isSilent: whether it takes requests and never answers.
    public init(isSilent: Bool = false) async throws {
        let output = URL(filePath: TestEnvironment.folder).appending(path: "collector-\(UUID()).jsonl")
        let process = isSilent ? Self.collector("silent") : Self.collector()
        process.standardInput = input
        _ = FileManager.default.createFile(atPath: output.path, contents: nil)
        process.standardOutput = try FileHandle(forWritingTo: output)
        try spawn { try process.run() }
        try await eventually("a collector that listens", within: 120) {
            if !process.isRunning { throw TestFailure("it has ended") }
            return try !Self.lines(output).isEmpty
        }
        let start = try JSONDecoder().decode(Start.self, from: Data(Self.lines(output)[0].utf8))
        endpoint = "http://127.0.0.1:\(start.port)"
        self.process = process
        self.output = output
    }

    deinit {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: output)
    }

    /// What it has got so far; what a service sent again because it had no answer is there once.
    public func spans() throws -> [CollectedSpan] {
        var known: Set<String> = []
        return try Self.lines(output).dropFirst().compactMap { line in
            let span = try JSONDecoder().decode(CollectedSpan.self, from: Data(line.utf8))
            return known.insert(span.trace + span.span).inserted ? span : nil
        }
    }

    /// Its lines, those that are complete.
    private static func lines(_ file: URL) throws -> [Substring] {
        let text = try String(contentsOf: file, encoding: .utf8)
        return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map { $0 }
    }
}
