import UnixSignals

/// The result of a task, which SIGINT and SIGTERM cancel.
/// - Parameter log: told of the signal.
public func interruptible<Value: Sendable>(
    _ work: Task<Value, any Error>, _ log: ProgressLog
) async throws -> Value {
    let watcher = Task {
        for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) {
            log.line("Interrupted: cleaning up")
            work.cancel()
        }
    }
    defer { watcher.cancel() }
    return try await work.value
}

/// A broker's URL, or several separated by commas, that may be shown.
public func withoutCredentials(_ url: String) -> String {
    url.split(separator: ",").map { node in
        guard let at = node.lastIndex(of: "@"), let scheme = node.firstRange(of: "://") else { return String(node) }
        return String(node[..<scheme.upperBound] + node[node.index(after: at)...])
    }.joined(separator: ",")
}
