import CHiredis

/// One open connection of hiredis, until its first failure.
///
/// Not Sendable, so that it stays with its actor and the actor's thread.
@safe final class RedisLink {
    private let context: UnsafeMutablePointer<redisContext>
    /// A failure of the connection: hiredis can do nothing more with it, and replies would not match their commands.
    private(set) var isBroken = false

    /// Connects, without logging in.
    init(host: String, port: Int, connectSeconds: Int, commandSeconds: Int) throws(RedisError) {
        caramelo_block_sigpipe()
        let limit = timeval(tv_sec: connectSeconds, tv_usec: 0)
        guard let opened = unsafe redisConnectWithTimeout(host, Int32(port), limit) else {
            throw RedisError(.connectionLost, "out of memory")
        }
        guard unsafe opened.pointee.err == 0,
            unsafe redisSetTimeout(opened, timeval(tv_sec: commandSeconds, tv_usec: 0)) == REDIS_OK,
            unsafe redisEnableKeepAlive(opened) == REDIS_OK
        else {
            let message = unsafe String(cString: caramelo_redis_failure(opened))
            unsafe redisFree(opened)
            throw RedisError(.connectionLost, message)
        }
        unsafe context = opened
    }

    deinit { unsafe redisFree(context) }

    /// Whether the other end closed the connection since the last reply.
    var isClosed: Bool { unsafe isBroken || caramelo_redis_is_closed(context) != 0 }

    /// Sends the commands together and reads their replies.
    func run(_ commands: [[String]]) throws(RedisError) -> [RedisReply] {
        for command in commands {
            guard append(command) == REDIS_OK else { throw failure() }
        }
        var replies: [RedisReply] = []
        replies.reserveCapacity(commands.count)
        for _ in commands { replies.append(try nextReply()) }
        return replies
    }

    private func append(_ command: [String]) -> Int32 {
        var bytes: [UInt8] = []
        var starts: [Int] = []
        for argument in command {
            starts.append(bytes.count)
            bytes.append(contentsOf: argument.utf8)
        }
        let lengths = command.map(\.utf8.count)
        // An empty buffer may have no address, and the pointers of empty arguments need one.
        bytes.append(0)
        return unsafe bytes.withUnsafeBytes { buffer in
            let base = buffer.baseAddress
            var pointers = unsafe starts.map { start in
                unsafe base?.advanced(by: start).assumingMemoryBound(to: CChar.self)
            }
            return unsafe redisAppendCommandArgv(context, Int32(command.count), &pointers, lengths)
        }
    }

    private func nextReply() throws(RedisError) -> RedisReply {
        var next: UnsafeMutableRawPointer?
        guard unsafe redisGetReply(context, &next) == REDIS_OK, let next = unsafe next else { throw failure() }
        defer { unsafe freeReplyObject(next) }
        return unsafe RedisReply(copying: next.assumingMemoryBound(to: redisReply.self))
    }

    /// Call it before anything else that could change errno.
    private func failure() -> RedisError {
        let isTimeout = unsafe caramelo_redis_timed_out(context) != 0
        isBroken = true
        let message = unsafe String(cString: caramelo_redis_failure(context))
        return RedisError(isTimeout ? .timedOut : .connectionLost, isTimeout ? "no answer from the server" : message)
    }
}
