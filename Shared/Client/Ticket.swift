import Synchronization

/// A result that one task waits for, set by whoever comes first: the connection, a timer, or the task's cancellation.
///
/// It needs no actor, so that a caller's time limit holds even while the connection's thread waits for the network.
final class Ticket<Value: Sendable>: Sendable {
    private struct State {
        var result: Result<Value, ClientError>?
        var waiting: CheckedContinuation<Result<Value, ClientError>, Never>?
    }
    private let state = Mutex(State())

    /// Whether there is a result, so that nobody needs to work for one.
    var isFinished: Bool { state.withLock { $0.result != nil } }

    /// Sets the result, unless there is one.
    func finish(_ result: Result<Value, ClientError>) {
        let waiting = state.withLock { state in
            guard state.result == nil else { return nil as CheckedContinuation<Result<Value, ClientError>, Never>? }
            state.result = result
            return state.waiting.take()
        }
        waiting?.resume(returning: result)
    }

    /// Waits for the result.
    /// - Parameters:
    ///   - limit: how long.
    ///   - failure: what to throw when that time is over.
    func value(
        within limit: Duration, otherwise failure: @escaping @Sendable () -> ClientError
    ) async throws(ClientError) -> Value {
        let timer = Task {
            guard (try? await Task.sleep(for: limit)) != nil else { return }
            finish(.failure(failure()))
        }
        defer { timer.cancel() }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let result = state.withLock { state in
                    if state.result == nil { state.waiting = continuation }
                    return state.result
                }
                if let result { continuation.resume(returning: result) }
            }
        } onCancel: {
            finish(.failure(.closed))
        }
        return try result.get()
    }
}
