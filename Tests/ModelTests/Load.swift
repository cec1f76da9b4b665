import Checking
import Client
import Contract
import Foundation
import Model
import Support

/// Publishes the moves of a phase, all at once, and gathers what came back.
struct Load: Sendable {
    let client: BookingClient
    let probe: Probe
    let reading: Reading

    /// A command with what came back for it, and when.
    private struct Performed: Sendable {
        let issued: Issued
        let begins: Int
        let ends: Int
    }

    /// Runs the moves.
    /// - Returns: the phases to be judged, in this order: what was under way together, then every step of each chain.
    func run(_ moves: [Move]) async throws -> [Phase] {
        let begins = Self.now
        let results = try await withThrowingTaskGroup(of: (Bool, [Performed]).self) { group in
            for move in moves { group.addTask { (move.isChain, try await perform(move)) } }
            return try await group.reduce(into: [(Bool, [Performed])]()) { $0.append($1) }
        }
        let performed = results.flatMap(\.1)
        let ids = Set(performed.compactMap(\.issued.requestID))
        try await settle(performed)
        let traces = probe.traces(of: ids)
        let together = results.filter { !$0.0 }.flatMap(\.1).map(\.issued)
        var phases = [Phase(begins: begins, ends: Self.now, together, traces: traces)]
        for (isChain, steps) in results where isChain {
            phases += steps.map { step in
                let id = step.issued.requestID
                var trace = id.flatMap { traces[$0] } ?? Trace()
                // A cancellation that follows in the chain must not be known to the steps before it.
                if case .request = step.issued.command { trace.cancelled = nil }
                let traces = id.map { [$0: trace] } ?? [:]
                return Phase(begins: step.begins, ends: step.ends, [step.issued], traces: traces)
            }
        }
        return phases
    }

    private static var now: Int { Int(Timestamp.now.milliseconds) }

    private func perform(_ move: Move) async throws -> [Performed] {
        if move.isChain {
            var performed: [Performed] = []
            for step in move.steps { performed += try await perform(step, inChain: true) }
            return performed
        }
        return try await withThrowingTaskGroup(of: [Performed].self) { group in
            for step in move.steps { group.addTask { try await perform(step, inChain: false) } }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }

    private func perform(_ step: Step, inChain: Bool) async throws -> [Performed] {
        if step.delay > 0 { try await Task.sleep(for: .milliseconds(step.delay)) }
        let begins = Self.now
        let messages = step.commands.map(step.message)
        var issued = step.commands.map { Issued($0, wantsReply: step.wantsReply) }
        if step.wantsReply, let (key, body) = messages.first {
            let start = ContinuousClock.now
            let answer: [UInt8]
            if inChain, case .request(let request)? = step.commands.first {
                answer = try await client.request(body, requestID: request.id, timeout: .seconds(60))
            } else {
                answer = try await client.ask(key, body, timeout: .seconds(60))
            }
            issued[0].reply = try reading.reply(answer)
            // The client asks again after two seconds.
            issued[0].isRepeated = ContinuousClock.now - start > .milliseconds(1900)
        } else {
            try await client.publish(messages.map { ClientMessage($0.key, $0.body) }, timeout: .seconds(60))
        }
        let ends = Self.now
        return issued.map { Performed(issued: $0, begins: begins, ends: ends) }
    }

    /// Waits until every request has its outcome and every cancellation its effect.
    private func settle(_ performed: [Performed]) async throws {
        var requested: Set<String> = []
        var cancelled: Set<String> = []
        for issued in performed.map(\.issued) {
            switch issued.command {
            case .request(let request): requested.insert(request.id)
            case .cancel(let id) where issued.reply == .done: cancelled.insert(id)
            case .cancel, .set, .schedule, .unreadable: break
            }
        }
        let awaited = (requested, cancelled)
        // What stays without is for the oracle to say.
        try? await eventually("outcomes", within: 60) {
            let traces = probe.traces(of: awaited.0.union(awaited.1))
            return awaited.0.allSatisfy { traces[$0]?.settled != nil }
                && awaited.1.allSatisfy { id in
                    traces[id].map { $0.cancelled != nil || $0.settled?.status == .rejected } ?? false
                }
        }
        // A second copy may take effect after the answer to the first.
        let mayChangeMore = performed.map(\.issued).contains { issued in
            guard issued.isRepeated else { return false }
            return switch issued.command {
            case .cancel(let id): requested.contains(id) && issued.reply != .done
            case .set(let change): change.revision == nil
            case .schedule(let change): change.revision == nil
            case .request, .unreadable: false
            }
        }
        if mayChangeMore { try await Task.sleep(for: .seconds(5)) }
    }
}

extension Issued {
    /// The request that it is about.
    fileprivate var requestID: String? {
        switch command {
        case .request(let request): request.id
        case .cancel(let id): id
        case .set, .schedule, .unreadable: nil
        }
    }
}
