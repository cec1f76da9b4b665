import Glibc

/// The gaps between the steps of a worker, in which the chaos command kills a process on purpose; and other moments to which
/// tests do the same.
///
/// Compiled into debug builds only, and without effect unless the environment names a folder in
/// `CARAMELO_CRASH_POINTS`: whoever passes a gap for which there is a file `GAP:QUEUE:KEY`, and removes it, dies.
public enum CrashPoints {
    /// Where a worker is with a batch.
    enum Gap: String {
        /// It has the messages and has done nothing.
        case received
        /// Their effect is stored.
        case stored
        /// What follows from them has been sent to the broker, which has not confirmed it yet.
        case published
        /// All of it is confirmed.
        case confirmed
        /// They are acknowledged.
        case acked
    }

    #if DEBUG
        private struct Work {
            let queue: String
            let keys: Set<String>
        }

        private static let folder = getenv("CARAMELO_CRASH_POINTS").map { String(cString: $0) }
        @TaskLocal private static var work: Work?

        /// Runs `body`, the work on a batch.
        static func within(
            _ queue: String, _ batch: [Delivery], isolation: isolated (any Actor)? = #isolation,
            _ body: () async throws -> Void
        ) async rethrows {
            if folder == nil { return try await body() }
            let work = Work(queue: queue, keys: Set(batch.map(\.routingKey)))
            try await $work.withValue(work, operation: body)
        }

        /// The work at hand has come to a gap.
        static func pass(_ gap: Gap) {
            guard let work else { return }
            for key in work.keys { pass("\(gap.rawValue):\(work.queue):\(key)") }
        }

        /// The process has come to the moment for which there may be a file of this name.
        public static func pass(_ moment: String) {
            guard let folder, unlink("\(folder)/\(moment)") == 0 else { return }
            kill(getpid(), SIGKILL)
        }
    #else
        @inline(__always)
        static func within(
            _ queue: String, _ batch: [Delivery], isolation: isolated (any Actor)? = #isolation,
            _ body: () async throws -> Void
        ) async rethrows { try await body() }

        @inline(__always)
        static func pass(_ gap: Gap) {}

        /// Nothing, in a release build.
        @inline(__always)
        public static func pass(_ moment: String) {}
    #endif
}
