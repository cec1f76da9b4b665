import Glibc
import Logging
import Metrics

/// Keeps messages that may kill their consumer apart from all others: they wait in a queue of their own, and a process of
/// their own handles them, one at a time, so that the service goes on working whatever they do.
///
/// What comes back unacknowledged has done nothing wrong by that: brokers restart, pods are killed. Only after several
/// returns is a message moved, and only there its *starts* are counted, each recorded before the handling begins.
struct Quarantine: Sendable {
    /// How often a message comes back unacknowledged before it is moved.
    static let longestPatience = 3

    private let service: ServiceContext
    private let alarm: AsyncStream<Void>
    private let bell: AsyncStream<Void>.Continuation

    init(service: ServiceContext) {
        self.service = service
        (alarm, bell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Whether a message is to be moved instead of being handled.
    static func isDue(_ delivery: Delivery) -> Bool {
        delivery.returns >= longestPatience && Topology.isGuarded(delivery.queue)
    }

    /// The messages for the quarantine of their queue.
    func admit(_ deliveries: [Delivery]) -> [OutgoingMessage] {
        service.logger.warning(
            "messages that came back \(Self.longestPatience) times and more are handled apart",
            metadata: ["queue": "\(deliveries[0].queue)", "count": "\(deliveries.count)"])
        service.telemetry.quarantined(deliveries[0].queue, deliveries.count)
        wake()
        return deliveries.map { $0.quarantined(starts: 1) }
    }

    /// Says that there may be something to be handled.
    func wake() { bell.yield() }

    /// Runs the process that handles the messages whenever there are some, until it is cancelled.
    func run() async {
        for await _ in alarm {
            while !Task.isCancelled {
                let status = await ChildProcess.run(name: QuarantineWorker.processName(of: service.name))
                if status == 0 { break }
                service.logger.error(
                    "the process that handles quarantined messages ended", metadata: ["status": "\(status)"])
                service.telemetry.quarantineEnded()
                try? await Task.sleep(for: .milliseconds(500))
            }
        }
    }
}

/// Another process of the running executable.
enum ChildProcess {
    /// Starts it, with `name` as its first argument and nothing on its standard input, and waits for its end. When the task is
    /// cancelled its standard input ends, as it does when this process dies; it then has ten seconds.
    /// - Returns: its exit status, or minus the signal that ended it.
    static func run(name: String) async -> Int32 {
        var input: [Int32] = [-1, -1]
        guard pipe(&input) == 0 else { return 127 }
        // The other process shall hold nothing of this one's, the writing end above all.
        for file in 3..<Int32(min(sysconf(Int32(_SC_OPEN_MAX)), 4_096)) { _ = fcntl(file, F_SETFD, FD_CLOEXEC) }
        defer { close(input[1]) }
        let started = spawn(name, input: input[0])
        close(input[0])
        guard let pid = started else { return 127 }
        var deadline: ContinuousClock.Instant?
        var status: Int32 = 0
        while waitpid(pid, &status, WNOHANG) == 0 {
            if Task.isCancelled, deadline == nil {
                deadline = .now + .seconds(10)
                kill(pid, SIGTERM)
            }
            if let deadline, deadline < .now { kill(pid, SIGKILL) }
            // Not Task.sleep, which returns at once in a cancelled task.
            await Task.detached { try? await Task.sleep(for: .milliseconds(50)) }.value
        }
        return status & 0x7f == 0 ? status >> 8 & 0xff : -(status & 0x7f)
    }

    private static func spawn(_ name: String, input: Int32) -> pid_t? {
        var files = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&files)
        defer { posix_spawn_file_actions_destroy(&files) }
        posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // What this process ignores, because it takes its signals otherwise, the other would ignore, too.
        var signals = sigset_t()
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        var pid = pid_t()
        let argument = strdup(name)
        defer { free(argument) }
        let status = posix_spawn(&pid, "/proc/self/exe", &files, &attributes, [argument, nil], environ)
        return status == 0 ? pid : nil
    }
}
