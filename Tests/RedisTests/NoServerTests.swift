import Testing

@testable import Redis

@Suite("Without a server")
struct NoServerTests {
    @Test("A refused connection is a server that is away")
    func nobodyListens() async throws {
        let redis = RedisConnection(address: try RedisAddress(url: "redis://127.0.0.1:1"))
        let error = await #expect(throws: RedisError.self) { try await redis.command("PING") }
        #expect(error?.code == .connectionLost)
        #expect(error?.isDependencyAway == true)
    }

    @Test("A server that accepts and says nothing is given up, at the login too", arguments: ["", "user:secret@"])
    func silent(_ login: String) async throws {
        let server = try SilentServer()
        let address = try RedisAddress(url: "redis://\(login)127.0.0.1:\(server.port)")
        let redis = RedisConnection(address: address, commandSeconds: 1)
        let duration = await ContinuousClock().measure {
            let error = await #expect(throws: RedisError.self) { try await redis.command("PING") }
            #expect(error?.code == .timedOut)
        }
        #expect(duration < .seconds(60))
    }

    @Test("A server that hangs up while we write does not end the process")
    func hangUp() throws {
        let server = try SilentServer()
        let link = try RedisLink(host: "127.0.0.1", port: server.port, connectSeconds: 1, commandSeconds: 1)
        server.hangUp()
        let large = String(repeating: "x", count: 20_000_000)
        let error = #expect(throws: RedisError.self) { try link.run([["SET", "key", large]]) }
        #expect(error?.code == .connectionLost)
        #expect(link.isBroken && link.isClosed)
    }

    @Test(
        "Replies of a server that is away",
        arguments: [
            "LOADING Redis is loading the dataset in memory", "READONLY You can't write against a read only replica.",
            "MISCONF Redis is configured to save RDB snapshots", "OOM command not allowed", "NOAUTH Authentication",
            "NOPERM this user has no permissions", "BUSY Redis is busy", "MASTERDOWN Link with MASTER",
            "CLUSTERDOWN The cluster is down", "TRYAGAIN Multiple keys", "ERR max number of clients reached",
        ])
    func away(_ reply: String) {
        #expect(RedisError(reply: reply).isDependencyAway)
    }

    @Test(
        "Replies to a wrong command",
        arguments: ["ERR unknown command", "WRONGTYPE Operation", "BUSYKEY Target", "NOSCRIPT"])
    func notAway(_ reply: String) {
        #expect(!RedisError(reply: reply).isDependencyAway)
    }
}
