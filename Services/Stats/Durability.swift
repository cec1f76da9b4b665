import Logging
import Redis

/// Whether Redis keeps what it is given: on disk, and also when its memory is full.
struct Durability: Sendable {
    private static let wanted = [
        (setting: "appendonly", value: "yes", section: "persistence", field: "aof_enabled", there: "1"),
        (
            setting: "maxmemory-policy", value: "noeviction", section: "memory", field: "maxmemory_policy",
            there: "noeviction"
        ),
    ]

    let address: RedisAddress
    let logger: Logger

    /// Logs a warning for each setting by which figures would be lost, or that can't be asked for.
    func check() async {
        let redis = RedisConnection(address: address)
        for wanted in Self.wanted {
            do throws(RedisError) {
                let value = try await configured(wanted.setting, redis)
                let isRight =
                    if let value { value == wanted.value } else {
                        try await told(wanted.section, wanted.field, redis) == wanted.there
                    }
                if isRight { continue }
                logger.warning(
                    "Redis may lose figures, which then are made anew",
                    metadata: ["wanted": "\(wanted.setting) \(wanted.value)"])
            } catch {
                logger.warning(
                    "Redis can't be asked whether it keeps figures",
                    metadata: ["wanted": "\(wanted.setting) \(wanted.value)", "error": "\(error)"])
            }
        }
    }

    /// The value of a setting; `nil` where CONFIG is refused, as hosted Redis does.
    private func configured(_ setting: String, _ redis: RedisConnection) async throws(RedisError) -> String? {
        do throws(RedisError) {
            return try await redis.command("CONFIG", "GET", setting).elements?.last?.string
        } catch {
            if case .server = error.code { return nil }
            throw error
        }
    }

    /// A field of INFO.
    private func told(_ section: String, _ field: String, _ redis: RedisConnection) async throws(RedisError) -> String?
    {
        let lines = try await redis.command("INFO", section).string ?? ""
        return lines.split(whereSeparator: \.isNewline).first { $0.hasPrefix(field + ":") }
            .map { String($0.dropFirst(field.count + 1)) }
    }
}
