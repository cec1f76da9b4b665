import Contract
import Redis
import Runtime
import Synchronization

/// The figures in Redis.
final class Projection: Sendable {
    /// A point in the life of the figures: a generation, and how many batches it had counted.
    struct Moment: Sendable, Comparable {
        var generation = 0
        var batches = 0

        static func < (left: Moment, right: Moment) -> Bool {
            (left.generation, left.batches) < (right.generation, right.batches)
        }
    }

    /// One for counting and one for reports, which so don't wait for a backlog.
    private let counting: RedisConnection
    private let reading: RedisConnection
    /// The latest moment that Redis has told of; where Redis knows less it went back in time.
    private let latest = Mutex(Moment())

    /// The most changes of one script call, during which Redis answers nobody else: some 15 ms.
    private static let slice = 1_024

    init(address: RedisAddress) {
        counting = RedisConnection(address: address)
        reading = RedisConnection(address: address)
    }

    /// Learns which generation is in force, and begins one where Redis is empty.
    /// - Throws: ``DependencyAway`` unless Redis answers.
    func prepare() async throws {
        let moment = try await evaluate(Scripts.count, ["0"])
        latest.withLock { $0 = max($0, moment) }
    }

    /// Counts what has not been counted yet, all in one step, or a few where much is replayed.
    func apply(_ messages: [Counted]) async throws {
        var slice: [Counted] = []
        var size = 0
        for message in messages {
            if size + message.changes.count > Self.slice, size > 0 {
                try await applySlice(slice)
                (slice, size) = ([], 0)
            }
            slice.append(message)
            size += message.changes.count
        }
        try await applySlice(slice)
    }

    /// What a process believed when it received a batch may be outdated by the time it writes, if it was frozen in
    /// between, say: then nothing is written, and what belongs into the generation in force is written anew.
    private func applySlice(_ messages: [Counted]) async throws {
        if messages.isEmpty { return }
        let before = latest.withLock { $0 }
        var believed = before.generation
        var moment = before
        repeat {
            believed = moment.generation
            let changes = messages.filter { $0.generation == nil || $0.generation == believed }.flatMap(\.changes)
            moment = try await evaluate(Scripts.count, ["\(believed)"] + changes.flatMap(\.arguments))
        } while moment.generation != believed
        // What was counted meanwhile is at least this batch.
        if moment <= before {
            moment = try await evaluate(
                Scripts.renew, ["\(before.generation)", "\(moment.generation)", "0", "Redis went back in time"])
        }
        latest.withLock { $0 = max($0, moment) }
    }

    /// Takes in a checkpoint.
    /// - Returns: the replay to ask for and why, where one is needed; and how many parts are missing in all.
    func take(
        _ checkpoint: FiguresCheckpoint, quiet: Duration, patience: Duration
    ) async throws -> (replay: FiguresReplay?, why: String, left: Int) {
        let seen = latest.withLock { $0 }
        let numbers =
            [
                seen.generation, seen.batches, checkpoint.checkpoint, Int(checkpoint.madeAt.milliseconds),
                checkpoint.lastBooking, checkpoint.eventsWaiting, Int(quiet.components.seconds) * 1000,
                Int(patience.components.seconds) * 1000, checkpoint.candyMaxAge ?? -1,
            ]
            + checkpoint.chunks.flatMap { chunk in
                [
                    chunk.chunk, chunk.confirmed, chunk.rejected, chunk.cancelled, chunk.prices, chunk.times,
                    Int(chunk.changedAt?.milliseconds ?? 0), chunk.passengers(youngerThan: checkpoint.candyMaxAge ?? 0),
                    Int(chunk.confirmedFrom?.milliseconds ?? 0),
                ]
            }
        let reply = try await orAway {
            try await counting.evaluate(Scripts.checkpoint, keys: [], arguments: numbers.map(String.init))
        }
        let parts = reply.elements ?? []
        let moment = Self.moment(parts)
        latest.withLock { $0 = max($0, moment) }
        if parts.count > 3, parts[3].int == 1 { try await sweep() }
        let left = parts.count > 2 ? parts[2].int ?? 0 : 0
        guard parts.count > 6, let first = parts[4].int, let last = parts[5].int else { return (nil, "", left) }
        let replay = FiguresReplay(generation: moment.generation, first: first, last: last)
        return (replay, parts[6].string ?? "", left)
    }

    /// Removes the keys of earlier figures, some at a time, so that nobody waits for it.
    private func sweep() async throws {
        while try await orAway({ try await reading.evaluate(Scripts.sweep, keys: [], arguments: []) }).int == 1 {}
    }

    /// The report that was asked for, as of one moment.
    func report(_ query: ReportQuery) async throws -> Report {
        let arguments = [query.destination ?? "", query.from?.description ?? "", query.to?.description ?? ""]
        let reply = try await orAway { try await reading.evaluate(Scripts.report, keys: [], arguments: arguments) }
        let parts = reply.elements ?? []
        var report = Report()
        for index in stride(from: 2, to: parts.count - 1, by: 2) {
            report.add(Self.figures(parts[index + 1]), of: parts[index].string ?? "")
        }
        report.sortDestinations()
        if query.isUnfiltered {
            report.customers = parts.count > 1 ? parts[1].int ?? 0 : 0
            report.preferredDestination = report.destinations.first?.destination
        }
        report.rebuilding = parts.first?.int == 1 ? true : nil
        return report
    }

    private static func figures(_ reply: RedisReply) -> [String: Int] {
        let texts = (reply.elements ?? []).compactMap(\.string)
        var figures: [String: Int] = [:]
        for index in stride(from: 0, to: texts.count - 1, by: 2) { figures[texts[index]] = Int(texts[index + 1]) }
        return figures
    }

    private func evaluate(_ script: RedisScript, _ arguments: [String]) async throws -> Moment {
        let reply = try await orAway { try await counting.evaluate(script, keys: [], arguments: arguments) }
        return Self.moment(reply.elements ?? [])
    }

    private static func moment(_ parts: [RedisReply]) -> Moment {
        guard parts.count > 1 else { return Moment() }
        return Moment(generation: parts[0].int ?? 0, batches: parts[1].int ?? 0)
    }

    private func orAway(_ body: () async throws -> RedisReply) async throws -> RedisReply {
        do { return try await body() } catch let error as RedisError where error.isDependencyAway {
            throw DependencyAway("Redis", error)
        }
    }
}

extension Report {
    /// Adds the figures of one destination, which is listed if it has bookings; its name is empty where it was invalid.
    fileprivate mutating func add(_ figures: [String: Int], of destination: String) {
        func figure(_ name: String) -> Int { figures[name, default: 0] }
        bookingsConfirmed += figure("bookings")
        bookingsRejected += figure("rejected")
        bookingsCancelled += figure("cancelled")
        totalCollected += figure("collected")
        taxCollected += figure("tax")
        discounts += figure("discounts")
        pets += figure("pets")
        infants += figure("infants")
        promotions += figure("promotions")
        candies.count += figure("candies")
        candies.cost += figure("candy_cost")
        loyaltyPoints += figure("points")
        guard figure("bookings") > 0 else { return }
        destinations.append(
            Line(
                destination: destination, bookings: figure("bookings"), collected: figure("collected"),
                tax: figure("tax")))
    }
}
