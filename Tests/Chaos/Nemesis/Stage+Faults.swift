import Foundation
import Runtime
import Support

extension Stage {
    /// Injects a fault, and undoes it after its time or at `end`, whichever comes first.
    /// - Throws: when the fault could not be injected or not be undone; ``heal()`` then undoes it.
    func suffer(_ step: Schedule.Step, until end: ContinuousClock.Instant) async throws {
        let over = min(end, .now + .seconds(step.length))
        switch (step.fault, step.target) {
        case (.kill, .replicas(let seats)), (.killAll, .replicas(let seats)), (.killSeveral, .replicas(let seats)):
            for seat in seats { await crew.signal(SIGKILL, to: seat) }
        case (.killAgain, .replicas(let seats)):
            while ContinuousClock.now < over {
                for seat in seats { await crew.signal(SIGKILL, to: seat) }
                try await pause(until: min(over, .now + .seconds(1)))
            }
        case (.freeze, .replicas(let seats)):
            for seat in seats { await crew.signal(SIGSTOP, to: seat) }
            try await pause(until: over)
            for seat in seats { await crew.signal(SIGCONT, to: seat) }
        case (.rollingRestart, .service(let service)):
            for seat in await crew.seats where seat.service == service { await crew.restart(seat) }
        case (.clock, .clock(let seat, let seconds)): try await moveClock(of: seat, by: seconds, until: over)
        case (_, .network(let route, let network)):
            set(route, network)
            try await pause(until: over)
            set(route, .fine)
        case (.queueDeleted, .queue(let queue)): try await delete(queue)
        case (_, .server(let server)): try await sufferServer(step.fault, server, until: over)
        default: throw TestFailure("\(step.fault) can't hit \(step.target)")
        }
    }

    /// - Throws: `CancellationError` when the run is broken off: then nothing needs to be undone.
    func pause(until end: ContinuousClock.Instant) async throws { try await Task.sleep(until: end, clock: .continuous) }

    /// Starts a replica with a clock of its own, moves that by `seconds`, and later restarts it with the right one.
    private func moveClock(of seat: Crew.Seat, by seconds: Int, until over: ContinuousClock.Instant) async throws {
        guard FileManager.default.fileExists(atPath: "/usr/bin/faketime") else {
            throw TestFailure("faketime is not installed")
        }
        let file = own.folder + "/services/\(seat.service)-\(seat.index).clock"
        try "+0s".write(toFile: file, atomically: true, encoding: .utf8)
        await crew.restart(
            seat,
            environment: [
                "LD_PRELOAD": "/usr/$LIB/faketime/libfaketimeMT.so.1", "FAKETIME_TIMESTAMP_FILE": file,
                "FAKETIME_CACHE_DURATION": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            ])
        try "\(seconds > 0 ? "+" : "")\(seconds)s".write(toFile: file, atomically: true, encoding: .utf8)
        try await pause(until: over)
        try "+0s".write(toFile: file, atomically: true, encoding: .utf8)
        await crew.restart(seat, environment: [:])
    }

    /// Deletes a queue with all that it holds; a delay of retries only while it holds nothing, since that may be commands.
    private func delete(_ queue: String) async throws {
        let ladder = RetryLadder(fast: true)
        if ladder.rungs.contains(where: { $0.name == queue }),
            let declared = Topology(ladder: ladder).queues.first(where: { $0.name == queue })
        {
            var channel = try RawChannel(amqpURL)
            let waiting = try channel.waiting(in: queue, arguments: declared.arguments)
            channel.close()
            if waiting > 0 { return }
        }
        try await system.broker("DELETE", "queues/\(system.name)/\(queue)")
    }
}
