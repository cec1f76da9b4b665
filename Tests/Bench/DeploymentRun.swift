import AMQP
import Checking
import Client
import Foundation
import Support

/// A run on services that are there already: load and outcomes, and everything cancelled at the end.
struct DeploymentRun: Sendable {
    let plan: Bench
    let amqpURL: String
    let log: ProgressLog

    func run() async throws -> Results {
        let session = try await Session("caramelo", amqpURL: amqpURL, log)
        log.line("Booking under the name \(session.itineraries.prefix)")
        let result: Result<Results, any Error>
        do {
            result = .success(try await measure(session))
        } catch {
            result = .failure(error)
        }
        // Not a part of this task, which may be cancelled.
        let left = await Task { await cancelEverything(session) }.value
        await session.close()
        if left > 0 {
            throw RunFailure("\(left) bookings of \(session.itineraries.prefix) could not be cancelled")
        }
        return try result.get()
    }

    private func measure(_ session: Session) async throws -> Results {
        var results = Results(.init(replicas: nil, stored: nil, deployment: amqpURL))
        try await session.setUp()
        try await LoadRun(plan: plan, log: log).run([session], into: &results)
        log.line("Comparing with the report")
        results.booked = session.arrived
        results.counted = try await session.counted(atLeast: results.booked)
        return results
    }

    private func cancelEverything(_ session: Session) async -> Int {
        log.line("Cancelling what was booked")
        let observer = Observer(session.client, Reading(zone: .gmt))
        let left = await observer.cancel(session.ids(), by: session.client)
        return left.intersection(session.ids(onlyConfirmed: true)).count
    }
}
