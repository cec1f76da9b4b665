import Foundation
import Support

/// The replicas of the services, each started again a moment after it ends, as Kubernetes would.
actor Crew {
    /// The place of a replica, whichever process fills it now.
    struct Seat: Hashable, Sendable, CustomStringConvertible {
        let service: String
        let index: Int

        var description: String { "\(service)/\(index)" }
    }

    private struct State {
        var process: ServiceProcess?
        /// What it was sent that ends a process.
        var signal: Int32?
        /// What is set for this replica only, from its next start on.
        var environment: [String: String] = [:]
        /// Its executable from its next start on; the service's unless set.
        var binary: String?
        /// When the last process that filled it ended.
        var ended: ContinuousClock.Instant?
    }

    private let folder: String
    private let binaries: [String: String]
    private let environments: [String: [String: String]]
    private var states: [Seat: State] = [:]
    private var isStopping = false

    /// Processes ended here with SIGKILL.
    private(set) var kills = 0
    /// Processes that killed themselves with SIGKILL, as they do in gaps.
    private(set) var suicides = 0
    /// Processes that ended otherwise and uncaused, as one does that is stuck, to be started anew: whose, how, and the end of
    /// their logs.
    private(set) var ends: [String] = []
    /// Of these, those that crashed.
    private(set) var crashes: [String] = []

    /// - Parameters:
    ///   - folder: where they work and log.
    ///   - binaries: executables instead of the services' own, by service.
    ///   - environments: by service.
    init(in folder: String, binaries: [String: String], environments: [String: [String: String]]) {
        self.folder = folder
        self.binaries = binaries
        self.environments = environments
    }

    /// Fills so many seats of each service from now on.
    func start(replicas: Int) {
        for service in environments.keys.sorted() {
            for index in 0..<replicas {
                let seat = Seat(service: service, index: index)
                states[seat] = State()
                Task { await keep(seat) }
            }
        }
    }

    private func keep(_ seat: Seat) async {
        while !isStopping {
            var delay = Duration.milliseconds(300)
            do {
                let process = try ServiceProcess(
                    seat.service, binary: states[seat]?.binary ?? binaries[seat.service],
                    environment: (environments[seat.service] ?? [:]).merging(states[seat]?.environment ?? [:]) { $1 },
                    in: folder, label: "\(seat.service)-\(seat.index)")
                states[seat]?.process = process
                states[seat]?.signal = nil
                let status = await process.ended()
                states[seat]?.ended = .now
                if !isStopping, !explains(states[seat]?.signal, status) {
                    ends.append("\(seat) ended by itself with \(status): \(process.lastLines)")
                    if status < 0 { crashes.append("\(seat) was ended by signal \(-status): \(process.lastLines)") }
                    delay = .seconds(2)
                }
            } catch {
                ends.append("\(seat) could not be started: \(error)")
                delay = .seconds(2)
            }
            try? await Task.sleep(for: delay)
        }
    }

    private func explains(_ signal: Int32?, _ status: Int32) -> Bool {
        if status == -SIGKILL, signal != SIGKILL { suicides += 1 }
        // Killed by SIGTERM is one that had not yet begun.
        return status == -SIGKILL || signal == SIGTERM && (status == 0 || status == -SIGTERM)
    }

    /// Sends a signal to whatever fills a seat now.
    func signal(_ number: Int32, to seat: Seat) {
        guard let process = states[seat]?.process, process.isRunning else { return }
        process.signal(number)
        if number == SIGKILL, states[seat]?.signal != SIGKILL { kills += 1 }
        if number == SIGKILL || number == SIGTERM { states[seat]?.signal = number }
    }

    /// Replaces what fills a seat, which has 20 s to end, and waits until its successor is ready.
    /// - Parameters:
    ///   - number: SIGTERM for good order, or SIGKILL.
    ///   - binary: the executable of this seat; as before unless given.
    ///   - environment: what is set for this seat only; as before unless given.
    ///   - limit: how long it is waited for.
    /// - Returns: the seconds until the old process had ended, and from then on until the new one was ready; nil where it was
    ///   not in time.
    @discardableResult
    func restart(
        _ seat: Seat, by number: Int32 = SIGTERM, binary: String? = nil, environment: [String: String]? = nil,
        readyWithin limit: Duration = .seconds(20)
    ) async -> (ending: Double, starting: Double?) {
        if let binary { states[seat]?.binary = binary }
        if let environment { states[seat]?.environment = environment }
        let old = states[seat]?.process
        let begin = ContinuousClock.now
        signal(number, to: seat)
        let isReplaced = await isTrue(within: .seconds(20)) { states[seat]?.process !== old }
        if !isReplaced, !isStopping {
            ends.append("\(seat) does not end 20 s after SIGTERM and is killed: \(old?.lastLines ?? "")")
            signal(SIGKILL, to: seat)
        }
        let isStarted = await isTrue(within: limit) {
            guard let new = states[seat]?.process, new !== old else { return false }
            return await isReady(new)
        }
        let ended = states[seat]?.ended ?? .now
        return ((ended - begin) / .seconds(1), isStarted ? (.now - ended) / .seconds(1) : nil)
    }

    private func isTrue(within limit: Duration, _ condition: () async -> Bool) async -> Bool {
        let end = ContinuousClock.now + limit
        while ContinuousClock.now < end, !isStopping {
            if await condition() { return true }
            guard (try? await Task.sleep(for: .milliseconds(100))) != nil else { break }
        }
        return false
    }

    /// Forgets what was set for single seats, and restarts those.
    func resetEnvironments() async {
        for seat in states.keys where states[seat]?.environment.isEmpty == false {
            await restart(seat, environment: [:])
        }
    }

    /// Lets all that are stopped go on.
    func resume() { for seat in states.keys { signal(SIGCONT, to: seat) } }

    /// The seats.
    var seats: [Seat] { states.keys.sorted { "\($0)" < "\($1)" } }

    /// Waits until all are ready.
    /// - Throws: ``TestFailure`` with what one of them says, after `limit`.
    func ready(within limit: Duration) async throws {
        let end = ContinuousClock.now + limit
        for seat in seats {
            while true {
                if let process = states[seat]?.process, await isReady(process) { break }
                guard ContinuousClock.now < end else {
                    let excuse = await excuse(seat)
                    throw TestFailure("\(seat) is not ready: \(excuse)")
                }
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    private func isReady(_ process: ServiceProcess) async -> Bool {
        guard process.isRunning else { return false }
        return (try? await process.get("readyz").status) == 200
    }

    private func excuse(_ seat: Seat) async -> String {
        guard let process = states[seat]?.process else { return "it was never started" }
        let answer = (try? await process.get("readyz").body) ?? ""
        return "\(answer) \(process.isRunning ? "" : "(ended)") \(process.lastLines)"
    }

    /// Kills them all, for good.
    func stop() async {
        isStopping = true
        for seat in states.keys { states[seat]?.process?.signal(SIGKILL) }
        for seat in states.keys { await states[seat]?.process?.end() }
    }
}
