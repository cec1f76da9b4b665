import ArgumentParser
import Client
import Contract
import Redis
import Runtime
import Terminal

/// `stats verify`
struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Says whether the figures in Redis are of exactly the bookings that are settled in PostgreSQL.",
        discussion: """
            It reads Redis (REDIS_URL) and asks booking-intake over the broker (AMQP_URL) for counts and sums of 32,768
            booking numbers at a time. What differs is looked at again for --seconds, since events may be on their way.

            Exit status: 0 equal, 1 different, 2 no answer, 69 where Redis or the broker can't be reached, 78 for a wrong
            setting.
            """)

    @Flag(help: "Print a JSON object a line for each chunk that differs, and one for the whole.")
    var json = false
    @Option(help: "How long what differs is looked at again.")
    var seconds = 10

    func validate() throws {
        guard 0...3600 ~= seconds else { throw ValidationError("--seconds is from 0 to 3600") }
    }

    func run() async throws {
        try await reporting {
            let redis = RedisConnection(address: try RedisAddress(of: Settings()))
            let client = BookingClient(addresses: try BrokerAddresses.find(), name: "stats-verify")
            let end = ContinuousClock.now + .seconds(seconds)
            var comparison = Comparison()
            var chunk = 0
            while chunk == 0 || chunk * SettledChunk.size <= comparison.lastBooking {
                let found = try await look(at: chunk, redis, client)
                if found.pair.isEqual || ContinuousClock.now > end {
                    comparison.add(found)
                    chunk += 1
                } else {
                    try await Task.sleep(for: .milliseconds(200))
                }
            }
            await client.close()
            comparison.write(asJSON: json)
            if !comparison.differences.isEmpty { throw ExitCode(1) }
        }
    }

    private func look(
        at chunk: Int, _ redis: RedisConnection, _ client: BookingClient
    ) async throws -> (pair: Comparison.Pair, lastBooking: Int) {
        let answer = try await client.ask(
            RoutingKey.querySettled, SettledQuery(chunk: chunk), as: SettledAnswer.self, timeout: .seconds(10))
        guard case .answered(let settled) = answer else { throw ClientError.unreadable("no counts and sums") }
        let reply = try await redis.evaluate(Scripts.sums, keys: [], arguments: ["\(chunk)"])
        let sums = (reply.elements ?? []).map { $0.int ?? 0 } + Array(repeating: 0, count: 8)
        let counted = SettledChunk(
            chunk: chunk, confirmed: sums[0], rejected: sums[1], cancelled: sums[2], prices: sums[3], times: sums[4])
        let isComparable = (settled.settled.confirmedFrom?.milliseconds ?? 0) >= Int64(sums[7])
        let pair = Comparison.Pair(
            settled: settled.settled, counted: counted,
            children: isComparable ? settled.settled.passengers(youngerThan: sums[6]) : 0, withCandies: sums[5])
        return (pair, settled.lastBooking)
    }
}

/// What is settled beside what is counted.
struct Comparison {
    struct Pair {
        let settled: SettledChunk
        let counted: SettledChunk
        /// Bookings that must have candies: of these, none that were confirmed when candy-accounting had another age.
        let children: Int
        /// Bookings that have candies.
        let withCandies: Int
        var isEqual: Bool { settled.agrees(with: counted) && withCandies >= children }
    }

    private(set) var differences: [Pair] = []
    private(set) var lastBooking = 0
    private var chunks = 0
    private var settled = 0

    mutating func add(_ found: (pair: Pair, lastBooking: Int)) {
        chunks += 1
        lastBooking = found.lastBooking
        settled += found.pair.settled.confirmed + found.pair.settled.rejected
        if !found.pair.isEqual { differences.append(found.pair) }
    }

    func write(asJSON: Bool) {
        if asJSON {
            for pair in differences {
                line(
                    Line(
                        settled: pair.settled, counted: pair.counted, children: pair.children,
                        withCandies: pair.withCandies))
            }
            return line(Whole(equal: differences.isEmpty, chunks: chunks, settled: settled))
        }
        let whole = "\(Figures.count(settled)) settled bookings in \(Figures.count(chunks)) chunks"
        if differences.isEmpty { return Output.standard.line("equal: \(whole)") }
        Output.standard.line("different: \(differences.count) of \(whole)")
        var table = Table([
            .number("chunk"), .text("where"), .number("confirmed"), .number("rejected"), .number("cancelled"),
            .number("prices"), .number("times"), .number("candies"),
        ])
        for pair in differences {
            for (place, sums, candies) in [
                ("PostgreSQL", pair.settled, pair.children), ("Redis", pair.counted, pair.withCandies),
            ] {
                table.add([
                    "\(sums.chunk)", "\(place)", "\(sums.confirmed)", "\(sums.rejected)", "\(sums.cancelled)",
                    "\(sums.prices)", "\(sums.times)", "\(candies)",
                ])
            }
        }
        table.write(to: .standard)
    }

    private func line(_ value: some Encodable) {
        Output.standard.write(JSON.encode(value) + [UInt8(ascii: "\n")])
    }

    private struct Line: Encodable {
        let settled: SettledChunk
        let counted: SettledChunk
        let children: Int
        let withCandies: Int

        private enum CodingKeys: String, CodingKey {
            case settled
            case counted
            case children
            case withCandies = "with_candies"
        }
    }

    private struct Whole: Encodable {
        let equal: Bool
        let chunks: Int
        let settled: Int
    }
}

/// Runs a subcommand's `body`, and turns what it throws into a line for people and an exit status.
func reporting(_ body: () async throws -> Void) async throws {
    func end(_ error: any Error, _ status: Int32) -> ExitCode {
        Output.error.line("stats: \(error)")
        return ExitCode(status)
    }
    do {
        try await body()
    } catch let error as ClientError {
        throw end(error, error.exitCode)
    } catch let error as WrongSetting {
        throw end(error, 78)
    } catch let error as RedisError {
        throw end(error, 69)
    }
}
