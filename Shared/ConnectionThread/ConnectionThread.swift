import Glibc
import Synchronization

/// A thread of its own for connections: it runs the jobs of their actors and, between them, watches one socket.
///
/// The C clients are not thread-safe and block. An actor that gives this as its executor confines such a client to one
/// thread and keeps its waits away from Swift's cooperative pool. A job wakes the thread at once through a pipe,
/// also while it waits for the socket. A task may prefer it, too: with a connection on the same thread it then works without
/// handing anything over.
///
/// @unchecked because the state that other threads touch is behind the mutex, and the rest is set before the thread
/// starts.
public final class ConnectionThread: SerialExecutor, TaskExecutor, @unchecked Sendable {
    /// A socket to wait for, and what to do when it is readable.
    public struct Watch: Sendable {
        let socket: Int32
        let interval: Int32
        let onReady: @Sendable () -> Void

        /// - Parameters:
        ///   - socket: the file descriptor to wait for.
        ///   - interval: milliseconds after which `onReady` is called although nothing came (for heartbeats).
        ///   - onReady: called on the thread when the socket is readable, or the interval is over.
        public init(socket: Int32, interval: Int32, onReady: @escaping @Sendable () -> Void) {
            self.socket = socket
            self.interval = interval
            self.onReady = onReady
        }
    }

    private struct State {
        var jobs: [UnownedJob] = []
        var watch: Watch?
        var isStopped = false
        var isWoken = false
    }

    private let state = Mutex(State())
    /// Written to for a wake-up by others, read and waited for by the thread.
    private let wakeUp: (read: Int32, write: Int32)

    /// Starts the thread.
    /// - Parameter name: what tools such as `top -H` show; at most 15 bytes are kept.
    public init(name: String) {
        var ends: [Int32] = [-1, -1]
        let failedPipe = pipe(&ends)
        precondition(failedPipe == 0, "cannot make a pipe (errno \(errno))")
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        wakeUp = (ends[0], ends[1])
        let start = Unmanaged.passRetained(Start(owner: self, name: String(name.prefix(15))))
        var thread = pthread_t()
        // Small, because our stacks are: a thread costs what it touches, but the reservation counts in containers.
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setstacksize(&attributes, 1 << 20)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        let failed = pthread_create(
            &thread, &attributes,
            { argument in
                guard let argument else { return nil }
                let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                start.nameThread()
                start.owner.run()
                return nil
            }, start.toOpaque())
        pthread_attr_destroy(&attributes)
        // Without threads nothing here can work, and there is no one to tell.
        precondition(failed == 0, "cannot start a thread (errno \(failed))")
    }

    deinit {
        close(wakeUp.read)
        close(wakeUp.write)
    }

    /// What the new thread is handed.
    private final class Start {
        let owner: ConnectionThread
        let name: String
        init(owner: ConnectionThread, name: String) {
            self.owner = owner
            self.name = name
        }

        func nameThread() {
            guard let file = fopen("/proc/thread-self/comm", "w") else { return }
            fputs(name, file)
            fclose(file)
        }
    }

    /// Watches `watch` from now on instead of what was watched before; `nil` watches nothing.
    public func watch(_ watch: Watch?) {
        state.withLock { $0.watch = watch }
        wake()
    }

    /// Ends the thread after the jobs that are already queued. Call it from the actor's `deinit`.
    public func stop() {
        state.withLock { $0.isStopped = true }
        wake()
    }

    /// Queues a job of the actor (called by the Swift runtime).
    public func enqueue(_ job: consuming ExecutorJob) {
        let unowned = UnownedJob(job)
        state.withLock { $0.jobs.append(unowned) }
        wake()
    }

    /// Traps unless the caller is on this thread (called by the Swift runtime for `assumeIsolated`).
    public func checkIsolated() {
        precondition(isCurrent, "called off the connection's thread")
    }

    /// The one that the caller runs on; `nil` on any other thread.
    public static var current: ConnectionThread? {
        pthread_getspecific(key).map { Unmanaged<ConnectionThread>.fromOpaque($0).takeUnretainedValue() }
    }

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        pthread_key_create(&key, nil)
        return key
    }()

    private var isCurrent: Bool { Self.current === self }

    private func wake() {
        // It looks for jobs before it waits.
        if isCurrent { return }
        let isFirst = state.withLock { state in
            defer { state.isWoken = true }
            return !state.isWoken
        }
        if isFirst { _ = write(wakeUp.write, [1], 1) }
    }

    private func run() {
        // hiredis writes to sockets whose other end may be gone: that shall be an error, not the end of the process.
        var all = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, nil)
        pthread_setspecific(Self.key, Unmanaged.passUnretained(self).toOpaque())
        while true {
            let (jobs, watch, isStopped) = state.withLock { state in
                defer { state.jobs.removeAll(keepingCapacity: true) }
                return (state.jobs, state.watch, state.isStopped)
            }
            for job in jobs {
                job.runSynchronously(isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
            }
            if !jobs.isEmpty, watch == nil { continue }
            if isStopped, jobs.isEmpty { return }
            wait(for: watch, milliseconds: jobs.isEmpty ? watch?.interval ?? -1 : 0)
        }
    }

    /// Waits for the socket or a wake-up, whichever is first.
    private func wait(for watch: Watch?, milliseconds: Int32) {
        var descriptors = [pollfd(fd: wakeUp.read, events: Int16(POLLIN), revents: 0)]
        if let watch { descriptors.append(pollfd(fd: watch.socket, events: Int16(POLLIN), revents: 0)) }
        let ready = poll(&descriptors, nfds_t(descriptors.count), milliseconds)
        if descriptors[0].revents != 0 {
            var byte: UInt8 = 0
            _ = read(wakeUp.read, &byte, 1)
            state.withLock { $0.isWoken = false }
        }
        guard let watch else { return }
        let isSilent = ready == 0 && milliseconds > 0
        if descriptors[1].revents != 0 || isSilent { watch.onReady() }
    }
}
