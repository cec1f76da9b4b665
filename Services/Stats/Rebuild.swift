import ArgumentParser
import Redis
import Runtime
import Terminal

/// `stats rebuild`
struct Rebuild: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Makes the figures anew, from nothing, out of what is settled in PostgreSQL.",
        discussion: """
            It tells the running services in Redis (REDIS_URL): booking-intake replays all bookings, while reports say
            that they are being rebuilt. Candies are those of candy-accounting's present settings. Ending this program
            does not end the rebuilding.

            Exit status: 0 when it is through, 69 where Redis can't be reached, 78 for a wrong setting.
            """)

    @Flag(help: "Don't wait until it is through.")
    var noWait = false

    func run() async throws {
        try await reporting {
            let redis = RedisConnection(address: try RedisAddress(of: Settings()))
            _ = try await redis.evaluate(Scripts.renew, keys: [], arguments: ["0", "", "1", "stats rebuild"])
            if noWait { return Output.standard.line("begun: reports say so until it is through") }
            Output.error.line("waiting for the next checkpoint of booking-intake")
            var bar: ProgressBar?
            while let (left, total) = try await missing(redis) {
                if total > 0 {
                    if bar == nil { bar = ProgressBar("Rebuilding", total: total, output: .error) }
                    bar?.show(total - left)
                }
                try await Task.sleep(for: .milliseconds(200))
            }
            bar?.finish()
            Output.standard.line("rebuilt")
        }
    }

    /// The parts that are missing, of how many (0 while they are not asked for yet); nil when none are.
    private func missing(_ redis: RedisConnection) async throws -> (left: Int, total: Int)? {
        let state = try await redis.evaluate(Scripts.state, keys: [], arguments: []).elements ?? []
        guard state.count == 5, state[0] != .null, state[1] == .null else { return (0, 0) }
        guard let left = state[4].int, left > 0, let first = state[2].int, let last = state[3].int else { return nil }
        return (left, 2 * (last - first + 1))
    }
}
