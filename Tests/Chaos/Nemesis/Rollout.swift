import ArgumentParser
import Foundation
import Support

/// Replaces every replica of every service under load, one after the other, as an update does.
struct Rollout: ParsableArguments, Sendable {
    /// What ends the replicas; the raw values are what `--rollout` takes.
    enum Way: String, CaseIterable, ExpressibleByArgument, Sendable {
        case sigterm, sigkill

        fileprivate var signal: Int32 { self == .sigterm ? SIGTERM : SIGKILL }
    }

    @Option(
        name: .customLong("rollout"),
        help: ArgumentHelp(
            "Instead of faults: end every replica of every service, one after the other, by sigterm or sigkill, and wait each "
                + "time until its successor is ready. The load lasts as long as that takes.", valueName: "signal"))
    var way: Way?
    @Option(help: "With --rollout: how often.")
    var rounds = 2
    @Option(
        help: ArgumentHelp(
            "With --rollout: the executables of another version. The first round updates from it, the second goes back, and "
                + "so on.", valueName: "folder"))
    var from: String?

    func validate() throws {
        guard 1...100 ~= rounds else { throw ValidationError("--rounds must be from 1 to 100.") }
        guard way != nil || from == nil else { throw ValidationError("--from belongs to --rollout.") }
        for path in binaries.values where !FileManager.default.isExecutableFile(atPath: path) {
            throw ValidationError("--from: there is no \(path).")
        }
    }

    /// The executables of the other version, by service; none without one.
    var binaries: [String: String] {
        guard let from else { return [:] }
        let folder = URL(filePath: from)
        return Dictionary(uniqueKeysWithValues: TestSystem.services.map { ($0, folder.appending(path: $0).path) })
    }

    /// The executable of a service after so many rounds.
    func binary(of service: String, after rounds: Int) -> String {
        let other = rounds.isMultiple(of: 2) ? binaries[service] : nil
        return other ?? "\(TestEnvironment.binaries)/\(service)"
    }

    /// It, for the verdict.
    var setup: Verdict.Setup.Rollout? {
        way.map { Verdict.Setup.Rollout(signal: $0.rawValue, rounds: rounds, from: from) }
    }

    /// How long the load goes on before it begins and after it has ended.
    private static let calm = Duration.seconds(3)

    /// Carries it out.
    /// - Throws: ``TestFailure`` where not everything is ready two minutes later.
    func run(by way: Way, on stage: Stage, _ timeline: TimelineRecorder) async throws -> NemesisTally {
        var tally = NemesisTally()
        try await Task.sleep(for: Self.calm)
        for round in 1...rounds {
            for seat in await stage.crew.seats {
                let begins = timeline.now
                let next = from == nil ? nil : binary(of: seat.service, after: round)
                let took = await stage.crew.restart(
                    seat, by: way.signal, binary: next, readyWithin: .seconds(120))
                try Task.checkCancellation()
                timeline.note("rollout", of: "\(seat)", since: begins)
                tally.handovers.append(.init(replica: "\(seat)", ending: took.ending, starting: took.starting))
            }
        }
        try await stage.crew.ready(within: .seconds(120))
        timeline.noteHealed()
        try await Task.sleep(for: Self.calm)
        await tally.add(stage.crew)
        return tally
    }
}
