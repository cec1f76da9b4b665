import Testing

@testable import Redis

@Suite("Connection", .enabled(if: serverURL != nil, serverIsMissing))
struct ConnectionTests {
    @Test(
        "A text comes back as it was",
        arguments: ["", " ", "nil", "\"", "\\", "a\r\nb", "%s %b", "a\0b", "San Andrés", "😀", "$-1"])
    func text(_ text: String) async throws {
        try await withKey { key in
            let redis = try connect()
            #expect(try await redis.command("SET", key, text) == .text("OK"))
            let value = try await redis.command(["GET", key])
            #expect(value == .text(text))
        }
    }

    @Test("Every kind of reply")
    func replies() async throws {
        try await withKey { key in
            let redis = try connect()
            #expect(try await redis.command("GET", key) == .null)
            #expect(try await redis.command("RPUSH", key, "1", "b") == .integer(2))
            let values = try await redis.command("LRANGE", key, "0", "-1")
            #expect(values == .array([.text("1"), .text("b")]))
            #expect(values.elements?.map(\.int) == [1, nil])
            #expect(values.elements?.map(\.string) == ["1", "b"])
            let nested = try await redis.command(
                "EVAL", "return {1, {'a', {}, false}, redis.error_reply('BAD thing'), {ok='fine'}}", "0")
            #expect(
                nested
                    == .array([
                        .integer(1), .array([.text("a"), .array([]), .null]), .error("BAD thing"), .text("fine"),
                    ]))
        }
    }

    @Test("What is not UTF-8 is replaced")
    func invalidText() async throws {
        let reply = try await connect().command("EVAL", "return 'a\\255b'", "0")
        #expect(reply == .text("a\u{FFFD}b"))
    }

    @Test("An error reply is thrown, and the connection goes on")
    func errorReply() async throws {
        try await withKey { key in
            let redis = try connect()
            _ = try await redis.command("SET", key, "text")
            let id = try await redis.command("CLIENT", "ID")
            let error = await #expect(throws: RedisError.self) { try await redis.command("INCR", key) }
            #expect(error?.code == .server("ERR value is not an integer or out of range"))
            #expect(error?.isDependencyAway == false)
            #expect(try await redis.command("CLIENT", "ID") == id)
            await #expect(throws: RedisError.self) { try await redis.command([]) }
        }
    }

    @Test("A pipeline's replies come in order")
    func pipeline() async throws {
        try await withKey { key in
            let commands = (1...1000).map { ["HINCRBY", key, "field", String($0)] }
            let replies = try await connect().pipeline(commands + [["HGETALL", key]])
            #expect(replies.count == 1001)
            #expect(replies[0] == .integer(1) && replies[999] == .integer(500_500))
            #expect(replies[1000] == .array([.text("field"), .text("500500")]))
            #expect(try await connect().pipeline([]).isEmpty)
        }
    }

    @Test("An error in a pipeline is thrown after all of it has run")
    func errorInPipeline() async throws {
        try await withKey { key in
            let redis = try connect()
            let error = await #expect(throws: RedisError.self) {
                try await redis.pipeline([["SET", key, "a"], ["LPOP", key], ["INCR", key], ["SET", key, "b"]])
            }
            #expect(error?.message.hasPrefix("WRONGTYPE") == true)
            let value = try await redis.command("GET", key)
            #expect(value == .text("b"))
        }
    }

    @Test("Some megabytes travel in both directions")
    func large() async throws {
        try await withKey { key in
            let text = String(repeating: "0123456789abcdef", count: 500_000)
            let redis = try connect()
            _ = try await redis.command("SET", key, text)
            let value = try await redis.command("GET", key)
            #expect(value == .text(text))
        }
    }

    @Test("A connection that was ended is replaced", arguments: [false, true])
    func killed(isIdle: Bool) async throws {
        let redis = try connect()
        let id = try #require(try await redis.command("CLIENT", "ID").int)
        let kill = ["CLIENT", "KILL", "ID", String(id), "SKIPME", "no"]
        if isIdle {
            _ = try await connect().command(kill)
        } else {
            let error = await #expect(throws: RedisError.self) { try await redis.pipeline([kill, ["PING"]]) }
            #expect(error?.code == .connectionLost)
            #expect(error?.isDependencyAway == true)
        }
        let next = try #require(try await redis.command("CLIENT", "ID").int)
        #expect(next != id)
    }

    @Test("A command that takes too long is given up, and the next use connects anew")
    func timeout() async throws {
        try await withKey { key in
            let redis = try connect(commandSeconds: 1)
            let id = try await redis.command("CLIENT", "ID")
            let duration = await ContinuousClock().measure {
                let error = await #expect(throws: RedisError.self) { try await redis.command("BLPOP", key, "5") }
                #expect(error?.code == .timedOut)
                #expect(error?.isDependencyAway == true)
            }
            #expect(duration < .seconds(60))
            #expect(try await redis.command("CLIENT", "ID") != id)
        }
    }

    @Test("The database of the address is selected, a wrong login refused")
    func login() async throws {
        let server = try RedisAddress(url: serverURL ?? "")
        let base = "\(server.host.contains(":") ? "[\(server.host)]" : server.host):\(server.port)"
        let third = RedisConnection(address: try RedisAddress(url: "redis://\(base)/3"))
        let info = try await third.command("CLIENT", "INFO")
        #expect(info.string?.contains(" db=3 ") == true)
        let stranger = RedisConnection(address: try RedisAddress(url: "redis://nobody:wrong@\(base)"))
        let error = await #expect(throws: RedisError.self) { try await stranger.command("PING") }
        #expect(error?.message.hasPrefix("WRONGPASS") == true)
        #expect(error?.isDependencyAway == true)
        #expect(error?.description.contains("wrong") == false)
    }
}
