import Foundation

/// Runs what blocks on a thread of its own.
func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { done in
        Thread.detachNewThread { done.resume(with: Result { try body() }) }
    }
}

/// Waits until a socket is readable, or until a time of the steady clock, to the microsecond: poll(2) knows milliseconds
/// only.
func wait(for socket: Int32, until end: UInt64) {
    let now = steadyNow
    guard end > now else { return }
    var limit = timespec(tv_sec: Int((end - now) / 1_000_000_000), tv_nsec: Int((end - now) % 1_000_000_000))
    var sockets = fd_set()
    withUnsafeMutableBytes(of: &sockets) { $0[Int(socket) / 8] |= 1 << UInt8(socket % 8) }
    pselect(socket + 1, &sockets, nil, nil, &limit, nil)
}
