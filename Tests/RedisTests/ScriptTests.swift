import Testing

@testable import Redis

@Suite("Scripts", .enabled(if: serverURL != nil, serverIsMissing))
struct ScriptTests {
    @Test("A script runs with keys and arguments, also after the server forgot it")
    func script() async throws {
        try await withKey { key in
            let redis = try connect()
            let script = RedisScript("redis.call('INCRBY', KEYS[1], ARGV[1]) return {KEYS[1], #ARGV} -- \(key)")
            let reply = RedisReply.array([.text(key), .integer(2)])
            #expect(try await redis.evaluate(script, keys: [key], arguments: ["5", "x"]) == reply)
            #expect(try await redis.evaluate(script, keys: [key], arguments: ["5", "x"]) == reply)
            _ = try await redis.command("SCRIPT", "FLUSH")
            #expect(try await redis.evaluate(script, keys: [key], arguments: ["5", "x"]) == reply)
            let sum = try await redis.command("GET", key)
            #expect(sum.int == 15)
        }
    }

    @Test("An error of a script is thrown")
    func error() async throws {
        let redis = try connect()
        let wrong = await #expect(throws: RedisError.self) {
            try await redis.evaluate(RedisScript("return redis.error_reply('MINE is this')"), keys: [], arguments: [])
        }
        #expect(wrong?.code == .server("MINE is this"))
        let unreadable = await #expect(throws: RedisError.self) {
            try await redis.evaluate(RedisScript("return ("), keys: [], arguments: [])
        }
        #expect(unreadable?.isDependencyAway == false)
    }
}
