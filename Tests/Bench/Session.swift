import AMQP
import Checking
import Client
import Contract
import Foundation
import Support
import Synchronization
import Terminal

/// A place where load goes to, and what is known of what happens there.
final class Session: Sendable {
    /// Parts of the system by name, with the processes at the head of each; none where they are out of sight.
    typealias Parts = @Sendable () -> [(name: String, processes: [Int32])]

    let itineraries: Itineraries
    let client: BookingClient
    let log: ProgressLog
    /// What is measured: `caramelo`, or `raw` for the broker alone.
    let subject: String
    private let publisher: Publisher
    private let listener: Listener
    private let parts: Parts
    private let courses = Mutex<[Course]>([])

    /// How long nothing may arrive until what is missing is given up.
    private static let patience = Duration.seconds(60)

    /// Connects, and begins to listen.
    init(_ subject: String, amqpURL: String, _ log: ProgressLog, parts: @escaping Parts = { [] }) async throws {
        let addresses = try AMQPAddress.list(amqpURL)
        itineraries = Itineraries(prefix: "bench\(String(UInt32.random(in: .min ... .max), radix: 36))")
        client = BookingClient(addresses: addresses, name: "caramelo-bench")
        publisher = Publisher(address: addresses[0], itineraries: itineraries)
        listener = try await Listener.start(at: addresses[0], itineraries)
        (self.subject, self.log, self.parts) = (subject, log, parts)
    }

    /// Sets up the destinations; the services must run.
    func setUp() async throws {
        for destination in itineraries.destinations {
            let change = DestinationSet(
                destination: destination, baseFare: 32_000_000, tax: 2_560_000, petTax: 5_000_000)
            let answer = try await client.ask(
                RoutingKey.destinationSet, change, as: CommandReply.self, timeout: .seconds(30))
            guard case .answered = answer else { throw RunFailure("\(destination) could not be set up: \(answer)") }
        }
    }

    /// Sends `count` requests, at `rate` a second or as fast as the broker confirms, and waits for their outcomes.
    func measure(rate: Double?, count: Int) async throws -> Measurement {
        let course = newCourse(rate: rate, count: count)
        var recorder = PartsRecorder(parts())
        let sending = Task { try await publish(course) }
        try await waitForOutcomes(of: course, sending) { recorder.look() }
        var measurement = Measurement(subject, course.journal)
        measurement.parts = recorder.parts(requests: count)
        return measurement
    }

    /// The course of the next `count` requests, in which outcomes are noted from now on.
    func newCourse(rate: Double?, count: Int) -> Course {
        let course = courses.withLock { courses in
            let first = courses.last.map { $0.first + $0.count } ?? 0
            courses.append(Course(first: first, count: count, rate: rate))
            return courses[courses.count - 1]
        }
        listener.follow(course)
        return course
    }

    /// Publishes a course's requests; ends early when the task is cancelled.
    func publish(_ course: Course) async throws {
        try await withTaskCancellationHandler {
            try await onThread { [publisher] in try publisher.publish(course) }
        } onCancel: {
            course.stop()
        }
    }

    /// Waits until all is published and every outcome has arrived, or none has for a minute.
    /// - Parameters:
    ///   - sending: publishes them, where that is not over.
    ///   - everySecond: called about once a second.
    func waitForOutcomes(
        of course: Course, _ sending: Task<Void, any Error>? = nil, everySecond: () -> Void = {}
    ) async throws {
        var (ticks, last, moved) = (0, 0, ContinuousClock.now)
        do {
            while true {
                let (confirmed, arrived) = course.counts
                if arrived == course.count { break }
                if arrived + confirmed != last { (last, moved) = (arrived + confirmed, .now) }
                if let failure = listener.failure { throw failure }
                guard ContinuousClock.now - moved < Self.patience else { break }
                try await Task.sleep(for: .milliseconds(50))
                ticks += 1
                if ticks.isMultiple(of: 20) { everySecond() }
                if ticks.isMultiple(of: 100) {
                    log.line(
                        "  \(Figures.count(confirmed)) of \(Figures.count(course.count)) confirmed, \(Figures.count(arrived)) outcomes"
                    )
                }
            }
        } catch {
            sending?.cancel()
            throw error
        }
        if course.counts.confirmed < course.count { sending?.cancel() }
        // Why it could not publish the rest is worth more than that it was ended.
        if case .failure(let error) = await sending?.result, !(error is CancellationError) { throw error }
    }

    /// How many outcomes have arrived in all.
    var arrived: Int { courses.withLock { $0.reduce(0) { $0 + $1.counts.arrived } } }

    /// The request ids of what was sent.
    /// - Parameter onlyConfirmed: leaves out what the broker may not have.
    func ids(onlyConfirmed: Bool = false) -> Set<String> {
        var ids: Set<String> = []
        for course in courses.withLock({ $0 }) {
            let journal = course.journal
            for index in 0..<journal.sent where !onlyConfirmed || journal.confirmed[index] > 0 {
                ids.insert(itineraries.id(course.first + index))
            }
        }
        return ids
    }

    /// How many of this run's bookings the report counts, as soon as these are as many as must be, or in a minute.
    func counted(atLeast booked: Int) async throws -> Int {
        let end = ContinuousClock.now + Self.patience
        while true {
            let counted = try await counted()
            if counted >= booked || ContinuousClock.now > end { return counted }
            try await Task.sleep(for: .milliseconds(500))
        }
    }

    private func counted() async throws -> Int {
        var sum = 0
        for destination in itineraries.destinations {
            let answer = try await client.ask(
                RoutingKey.queryReport, ReportQuery(destination: destination), as: Report.self, timeout: .seconds(30))
            guard case .answered(let report) = answer else { throw RunFailure("no report: \(answer)") }
            sum += report.bookingsConfirmed
        }
        return sum
    }

    func close() async {
        listener.stop()
        await client.close()
    }
}
