import Foundation
import Support
import Testing

/// What stats says at its start of a Redis that doesn't keep what it is given.
@Suite("Durable Redis", .enabled(if: TestEnvironment.hasServers, "\(TestEnvironment.hint)"))
struct DurabilityTests {
    private let policy = "maxmemory-policy noeviction"
    private let onDisk = "appendonly yes"

    /// What a new replica of stats warns of, by a user of Redis or the default one.
    private func warnings(_ system: TestSystem, as user: String? = nil) async throws -> [Substring] {
        let url = try #require(system.environment["REDIS_URL"])
        let login = user.map { "redis://\($0):secret@" } ?? "redis://"
        let stats = try system.start(
            "stats", environment: ["REDIS_URL": url.replacingOccurrences(of: "redis://", with: login)])
        try await eventually("it is ready") { try await stats.get("readyz").status == 200 }
        // Asked when it has begun to work: after the first answer all is said.
        try await Task.sleep(for: .seconds(1))
        stats.signal(SIGTERM)
        #expect(await stats.end() == 0)
        return stats.logged.split(separator: "\n").filter { $0.contains("Redis ") && $0.contains("figures") }
    }

    @Test("is asked for by CONFIG, else by INFO, and else it is said that nobody knows")
    func asked() async throws {
        try await TestSystem.with([]) { system in
            #expect(try await warnings(system) == [])
            try await system.redis("ACL", "SETUSER", "hosted", "on", ">secret", "~*", "&*", "+@all", "-config")
            try await system.redis("ACL", "SETUSER", "blind", "on", ">secret", "~*", "&*", "+@all", "-config", "-info")
            #expect(try await warnings(system, as: "hosted") == [])
            let unknown = try await warnings(system, as: "blind")
            #expect(unknown.count == 2)
            #expect(unknown.allSatisfy { $0.contains("can't be asked whether it keeps figures") })

            // Without a limit of its memory this changes nothing for the tests beside this one.
            try await system.redis("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
            try await system.redis("CONFIG", "SET", "appendonly", "no")
            let found = try? await (warnings(system), warnings(system, as: "hosted"))
            try await system.redis("CONFIG", "SET", "maxmemory-policy", "noeviction")
            try await system.redis("CONFIG", "SET", "appendonly", "yes")
            let (byConfig, byInfo) = try #require(found)
            for warnings in [byConfig, byInfo] {
                #expect(warnings.count == 2)
                #expect(warnings.allSatisfy { $0.contains("may lose figures") })
                #expect(warnings.contains { $0.contains(policy) } && warnings.contains { $0.contains(onDisk) })
            }
            try await system.redis("ACL", "DELUSER", "hosted", "blind")
        }
    }
}
