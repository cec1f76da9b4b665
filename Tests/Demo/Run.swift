import AMQP
import Client
import Contract
import FoundationEssentials
import Terminal

/// One demonstration, from the first message to the verdict.
struct Run {
    let client: BookingClient
    let count: Int
    let seed: UInt64
    /// When the last outcome must have come.
    let limit: ContinuousClock.Instant

    private let output = Output.standard
    /// In every id and address of this run.
    private let name = "demo-\(UUID().uuidString.lowercased().prefix(8))"

    init(client: BookingClient, count: Int, seed: UInt64, limit: ContinuousClock.Instant) {
        self.client = client
        self.count = count
        self.seed = seed
        self.limit = limit
    }

    /// Plays it.
    /// - Returns: whether everything agrees.
    func play() async throws(ClientError) -> Bool {
        let known: DestinationList = try await answer(RoutingKey.queryDestinations)
        let before: Report = try await answer(RoutingKey.queryReport)
        let cast = Cast(count: count, seed: seed, run: name, destinations: known.destinations)
        introduce(cast)
        let outcomes = Outcomes(of: cast.requests)
        try await book(cast, outcomes)
        let expectation = Expectation(before: before, requests: cast.requests.values)
        let report = try await quietReport(like: expectation.report)
        let letters = try await deadLetters(of: cast)
        show(report, letters)
        let verdict = Verdict(expectation, report, outcomes, letters, cast)
        verdict.show(on: output)
        return verdict.agrees
    }

    private func introduce(_ cast: Cast) {
        let twins = cast.messages.count - cast.requests.count - cast.unreadable.count
        output.line(
            "\(count) messages: \(cast.requests.count) requests, some of them to unknown places, invalid or too late; "
                + "\(twins) twins, \(cast.impostors.count) with an id that is taken, "
                + "\(cast.unreadable.count) that can't be read")
    }

    private func answer<Value: Decodable & Sendable>(
        _ routingKey: String, _ question: some Encodable = [String: String]()
    ) async throws(ClientError) -> Value {
        let answer = try await client.ask(routingKey, question, as: Value.self, timeout: .seconds(30))
        switch answer {
        case .answered(let value): return value
        case .failed(let reply): throw .unreadable("\(routingKey): \(reply.detail ?? "refused")")
        }
    }

    // MARK: Booking

    private func book(_ cast: Cast, _ outcomes: Outcomes) async throws(ClientError) {
        let announcements = try await client.outcomes()
        let listening = Task { await outcomes.listen(client, first: announcements) }
        defer { listening.cancel() }
        let start = ContinuousClock.now
        let publishing = Task { () async -> ClientError? in
            do throws(ClientError) {
                try await client.publish(cast.messages, timeout: limit - .now)
                return nil
            } catch {
                return error
            }
        }
        try await awaitOutcomes(outcomes, total: cast.requests.count, since: start)
        if let error = await publishing.value { throw error }
        // Only now it is certain who was first.
        try await client.publish(cast.impostors, timeout: .seconds(30))
    }

    private func awaitOutcomes(
        _ outcomes: Outcomes, total: Int, since start: ContinuousClock.Instant
    ) async throws(ClientError) {
        var bar = ProgressBar("Outcomes", total: total, output: output)
        var (last, lastChange) = (-1, start)
        while true {
            let done = outcomes.count
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            bar.show(done, note: "\(Figures.count(Int(Double(done) / max(seconds, 0.001)))) a second")
            if done == total { break }
            if done != last { (last, lastChange) = (done, .now) }
            if ContinuousClock.now - lastChange > .seconds(5) {
                await outcomes.lookUpMissing(client)
                lastChange = .now
            }
            if ContinuousClock.now > limit {
                bar.finish()
                let missing = outcomes.missing
                Output.error.line("No outcome for: \(missing.prefix(20).joined(separator: " "))")
                throw .noAnswer("outcome for \(missing.count) of \(total) requests", within: .now - start)
            }
            try? await Task.sleep(for: .milliseconds(20))
        }
        bar.finish()
    }

    // MARK: What came of it

    /// The report when nothing changes any more: candies follow their booking.
    private func quietReport(like expected: Report) async throws(ClientError) -> Report {
        var report: Report = try await answer(RoutingKey.queryReport)
        var quietSince = ContinuousClock.now
        while report != expected, ContinuousClock.now - quietSince < .seconds(5) {
            try? await Task.sleep(for: .milliseconds(100))
            let next: Report = try await answer(RoutingKey.queryReport)
            if next != report { quietSince = .now }
            report = next
        }
        return report
    }

    /// The dead letters of this run, when all are there or none has come for a while.
    private func deadLetters(of cast: Cast) async throws(ClientError) -> [LetterLine] {
        var question = LetterQuestion()
        question.selection.contains = "\(name)-"
        question.limit = 1_000
        let end = ContinuousClock.now + .seconds(10)
        while true {
            let page: LetterPage = try await answer(LetterOperation.list.routingKey, question)
            let letters = page.letters.filter { $0.messageID?.hasPrefix("\(name)-") == true }
            if Set(letters.map(\.id)).count >= cast.unreadable.count || ContinuousClock.now > end { return letters }
            try? await Task.sleep(for: .milliseconds(200))
        }
    }

    private func show(_ report: Report, _ letters: [LetterLine]) {
        output.line()
        output.line(output.styled("The report", .bold))
        report.write(to: output)
        output.line()
        output.line(output.styled("The dead letters of this run", .bold))
        var rows = LetterRows()
        rows.write(letters, to: output)
        rows.finish(on: output)
        output.line()
    }
}
