import ConnectionThread
import Metrics

/// A Lua script that the server keeps, so that only its hash travels.
public struct RedisScript: Sendable, Hashable {
    /// The Lua text.
    public let source: String

    /// A script with this text.
    public init(_ source: String) { self.source = source }
}

/// One connection to Redis, on a thread of its own.
///
/// It connects on first use, and again on the next use after it was lost. Waits are bounded: 5 s to connect, 10 s
/// of silence for a reply, after which the connection is given up. Commands are not
/// interrupted by the cancellation of the task that waits for them, and not repeated.
public actor RedisConnection {
    private let thread: ConnectionThread
    private let address: RedisAddress
    private let commandSeconds: Int

    private var link: RedisLink?
    /// The server's hash of each script; it depends on the text alone, so it outlives the link.
    private var hashes: [RedisScript: String] = [:]
    /// By command.
    private var timers: [String: Timer] = [:]

    private static let connectSeconds = 5

    /// Does not connect yet.
    public init(address: RedisAddress) {
        self.init(address: address, commandSeconds: 10)
    }

    init(address: RedisAddress, commandSeconds: Int) {
        thread = ConnectionThread(name: "redis")
        self.address = address
        self.commandSeconds = commandSeconds
    }

    deinit { thread.stop() }

    /// The connection's thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe thread.asUnownedSerialExecutor() }

    /// Runs one command, such as `command("SET", key, value)`.
    /// - Throws: `RedisError`: the server's error reply, or a lost or silent connection.
    public func command(_ arguments: String...) throws(RedisError) -> RedisReply {
        try command(arguments)
    }

    /// Runs one command: its name and arguments.
    /// - Throws: `RedisError`: the server's error reply, or a lost or silent connection.
    public func command(_ arguments: [String]) throws(RedisError) -> RedisReply {
        try pipeline([arguments]).first ?? .null
    }

    /// Sends several commands together and returns their replies in order. That is no transaction: put `MULTI` and
    /// `EXEC` around them where one is needed.
    /// - Throws: `RedisError`: the first error reply, after all commands have run; or a lost or silent connection.
    public func pipeline(_ commands: [[String]]) throws(RedisError) -> [RedisReply] {
        // Redis answers nothing to nothing.
        guard commands.allSatisfy({ !$0.isEmpty }) else { throw RedisError(reply: "ERR empty command") }
        let link = try usableLink()
        defer { if link.isBroken { close() } }
        let timer = timer(of: commands)
        let start = ContinuousClock.now
        // Those included that fail.
        defer { timer.record(duration: ContinuousClock.now - start) }
        let replies = try link.run(commands)
        for case .error(let text) in replies { throw RedisError(reply: text) }
        return replies
    }

    /// Runs a script; its text travels when the server does not know it yet.
    /// - Parameters:
    ///   - script: the script.
    ///   - keys: `KEYS` of the script.
    ///   - arguments: `ARGV` of the script.
    /// - Throws: `RedisError`: the error reply of script or server, or a lost or silent connection.
    public func evaluate(
        _ script: RedisScript, keys: [String], arguments: [String]
    ) throws(RedisError) -> RedisReply {
        let parameters = [String(keys.count)] + keys + arguments
        do throws(RedisError) {
            return try command(["EVALSHA", try hash(of: script)] + parameters)
        } catch  where error.isUnknownScript {
            return try command(["EVAL", script.source] + parameters)
        }
    }

    /// Closes the connection; the next use opens it again.
    public func close() { link = nil }

    private func hash(of script: RedisScript) throws(RedisError) -> String {
        if let hash = hashes[script] { return hash }
        guard let hash = try command("SCRIPT", "LOAD", script.source).string else {
            throw RedisError(reply: "ERR SCRIPT LOAD answered without a hash")
        }
        hashes[script] = hash
        return hash
    }

    private func timer(of commands: [[String]]) -> Timer {
        let kind = commands.count == 1 ? commands[0][0] : "PIPELINE"
        if let known = timers[kind] { return known }
        let made = Timer(
            label: "db.client.operation.duration",
            dimensions: [("db.system.name", "redis"), ("db.operation.name", kind)])
        timers[kind] = made
        return made
    }

    private func usableLink() throws(RedisError) -> RedisLink {
        if let link, !link.isClosed { return link }
        close()
        let link = try RedisLink(
            host: address.host, port: address.port, connectSeconds: Self.connectSeconds, commandSeconds: commandSeconds)
        var setup: [[String]] = []
        if let password = address.password { setup.append(["AUTH"] + [address.user, password].compactMap(\.self)) }
        if address.database != 0 { setup.append(["SELECT", String(address.database)]) }
        for case .error(let text) in try link.run(setup) { throw RedisError(reply: text) }
        self.link = link
        return link
    }
}
