import Glibc
import Testing

@testable import Redis

/// The Redis server of the tests, `nil` where none is given.
let serverURL = getenv("CARAMELO_TEST_REDIS_URL").map { String(cString: $0) }

/// Shown for the suites that are skipped without a server.
let serverIsMissing: Comment = "CARAMELO_TEST_REDIS_URL names no Redis server"

/// A connection of the test's own.
func connect(commandSeconds: Int = 10) throws -> RedisConnection {
    RedisConnection(address: try RedisAddress(url: serverURL ?? ""), commandSeconds: commandSeconds)
}

/// A key of the test's own, removed afterwards.
func withKey(_ body: (_ key: String) async throws -> Void) async throws {
    let key = "test:\(UInt64.random(in: 1...UInt64.max))"
    let result: Result<Void, any Error>
    do { result = .success(try await body(key)) } catch { result = .failure(error) }
    _ = try await connect().command("DEL", key)
    try result.get()
}

/// A socket that is connected to by others but answers nothing, at a free port of this machine.
struct SilentServer: ~Copyable {
    let descriptor: Int32
    let port: Int

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { [descriptor] pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && listen(descriptor, 1) == 0
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        try #require(isListening)
        port = Int(UInt16(bigEndian: address.sin_port))
    }

    /// Takes the connection that waits, and closes it at once.
    func hangUp() { _ = close(accept(descriptor, nil, nil)) }

    deinit { _ = close(descriptor) }
}
