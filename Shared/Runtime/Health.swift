import Synchronization

/// Whether the service really works, part by part; what `/readyz` answers.
public final class Health: Sendable {
    private let problems = Mutex<[String: String]>(["service": "starting"])

    /// Notes what is wrong with a part, or `nil` when it is well again.
    public func report(_ part: String, _ problem: String?) {
        problems.withLock { $0[part] = problem }
    }

    /// What is wrong, a line each, sorted by part; empty when the service is ready.
    public var report: [String] {
        problems.withLock { problems in problems.map { "\($0.key): \($0.value)" }.sorted() }
    }
}
