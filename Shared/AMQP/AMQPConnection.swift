import CRabbitMQ
import Glibc

/// A logged-in connection to one RabbitMQ node.
///
/// It is not thread-safe: whoever owns it calls it from one thread at a time. No call waits longer than
/// ``Limits/rpcSeconds``, or than two heartbeats where the network is silent.
@safe public struct AMQPConnection: ~Copyable {
    /// The times that bound every wait.
    public enum Limits {
        /// Seconds to connect and log in, and for each synchronous method.
        public static let rpcSeconds = 10
        /// Seconds between heartbeats: a peer silent for twice as long is given up.
        public static let heartbeatSeconds: Int32 = 10
    }

    let state: amqp_connection_state_t
    private var arena: Arena
    /// Messages of which the header, but not yet the whole body, has arrived; by channel.
    var partial: [UInt16: Partial]
    /// How many messages have arrived whole.
    var finished = 0
    /// What most messages have in common.
    var familiar = FamiliarTexts()

    /// Connects and logs in.
    /// - Parameters:
    ///   - address: the node.
    ///   - name: what the broker's management page shows.
    /// - Throws: ``AMQPError`` if the node is away, refuses, has no such vhost, or has a certificate that is not trusted.
    public init(to address: AMQPAddress, name: String) throws(AMQPError) {
        let state = try unsafe Self.logIn(to: address, name: name)
        unsafe self.state = unsafe state
        arena = Arena()
        partial = [:]
    }

    private static func logIn(
        to address: AMQPAddress, name: String
    ) throws(AMQPError) -> amqp_connection_state_t {
        guard let state = unsafe amqp_new_connection() else { throw AMQPError(.connectionLost, "out of memory") }
        do throws(AMQPError) {
            try unsafe open(state, to: address)
            let reply = unsafe caramelo_amqp_login(
                state, address.vhost, 131_072, Limits.heartbeatSeconds, name, address.user, address.password)
            let place = "\(address.host):\(address.port), vhost '\(address.vhost)', as '\(address.user)'"
            if let error = unsafe AMQPError(reply, while: "logging in to \(place)") {
                // A certificate of ours that it misses or doesn't trust is refused only after the handshake.
                guard address.isTLS, error.code == .connectionLost else { throw error }
                throw AMQPError(error.code, error.description + " (does it trust TLS_CERT_FILE?)")
            }
        } catch {
            unsafe amqp_destroy_connection(state)
            throw error
        }
        return unsafe state
    }

    private static func open(_ state: amqp_connection_state_t, to address: AMQPAddress) throws(AMQPError) {
        let place = "\(address.host):\(address.port)"
        guard let socket = unsafe address.isTLS ? amqp_ssl_socket_new(state) : amqp_tcp_socket_new(state)
        else { throw AMQPError(.connectionLost, "cannot make a socket for \(place)") }
        if address.isTLS { try unsafe secure(socket, with: address.files) }
        var limit = timeval(tv_sec: Limits.rpcSeconds, tv_usec: 0)
        unsafe amqp_set_handshake_timeout(state, &limit)
        unsafe amqp_set_rpc_timeout(state, &limit)
        let status = unsafe amqp_socket_open_noblock(socket, address.host, Int32(address.port), &limit)
        guard status == 0 else {
            throw AMQPError(untrusted: status, address) ?? AMQPError(status: status, while: "connecting to \(place)")
        }
    }

    private static func secure(_ socket: OpaquePointer, with files: TLSFiles) throws(AMQPError) {
        unsafe amqp_ssl_socket_set_verify_peer(socket, 1)
        unsafe amqp_ssl_socket_set_verify_hostname(socket, 1)
        guard unsafe amqp_ssl_socket_set_cacert(socket, files.trusted) == 0 else {
            throw AMQPError(.connectionLost, "TLS_CA_FILE: there are no certificates in '\(files.trusted)'")
        }
        guard let certificate = files.certificate, let key = files.key else { return }
        guard unsafe amqp_ssl_socket_set_key(socket, certificate, key) == 0 else {
            throw AMQPError(
                .connectionLost,
                "TLS_CERT_FILE, TLS_KEY_FILE: '\(certificate)' and '\(key)' are no certificate and its key")
        }
    }

    deinit { unsafe amqp_destroy_connection(state) }

    /// Says goodbye to the broker, which gives unacknowledged messages back to their queues, and frees everything.
    public consuming func close() {
        unsafe amqp_connection_close(state, AMQP_REPLY_SUCCESS)
    }

    /// The socket, to wait for with poll(2); read with ``next()`` until it returns `nil` before waiting.
    public var socket: Int32 { unsafe amqp_get_sockfd(state) }
    /// Whether something waits for ``next()`` that has been read from the socket already, which so won't tell of it:
    /// what came while a synchronous method waited for its answer.
    public var hasUnread: Bool { unsafe amqp_frames_enqueued(state) != 0 || amqp_data_in_buffer(state) != 0 }

    /// Whether there is room for what is sent next. A publisher that doesn't ask may wait for ever in the midst of a write,
    /// for a broker that is blocked or cut off, and notice neither.
    public var isWritable: Bool {
        var descriptor = pollfd(fd: socket, events: Int16(POLLOUT), revents: 0)
        return unsafe poll(&descriptor, 1, 0) != 0
    }

    /// Holds back what is sent in small pieces until as much as a packet can carry has come together, or all of it is to
    /// go at once: a message is three frames, each written by itself.
    public func setCorked(_ isCorked: Bool) {
        var value: Int32 = isCorked ? 1 : 0
        _ = unsafe setsockopt(socket, Int32(IPPROTO_TCP), TCP_CORK, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    // MARK: Synchronous methods

    /// Throws what the last synchronous method failed with.
    private func check(_ action: @autoclosure () -> String) throws(AMQPError) {
        if let error = unsafe AMQPError(amqp_get_rpc_reply(state), while: action()) { throw error }
    }

    /// Opens a channel.
    public func openChannel(_ channel: UInt16) throws(AMQPError) {
        unsafe amqp_channel_open(state, channel)
        try check("opening channel \(channel)")
    }

    /// Closes a channel: its unacknowledged messages go back to their queues.
    public func closeChannel(_ channel: UInt16) throws(AMQPError) {
        let reply = unsafe amqp_channel_close(state, channel, AMQP_REPLY_SUCCESS)
        if let error = unsafe AMQPError(reply, while: "closing channel \(channel)") { throw error }
    }

    /// Declares a durable exchange.
    /// - Parameter isPassive: only look whether there is one of that name (404 otherwise), which needs no permission.
    public mutating func declareExchange(
        _ name: String, type: String, isPassive: Bool = false, channel: UInt16
    ) throws(AMQPError) {
        arena.recycle()
        unsafe amqp_exchange_declare(
            state, channel, arena.bytes(name), arena.bytes(type), isPassive ? 1 : 0, 1, 0, 0, amqp_empty_table)
        try check("\(isPassive ? "looking for" : "declaring") the exchange '\(name)'")
    }

    /// Declares a queue that is durable, or else exclusive to this connection and deleted with it.
    /// - Parameters:
    ///   - name: empty for a name that the broker makes up.
    ///   - isPassive: only look whether there is one of that name (404 otherwise), which needs no permission.
    /// - Returns: its name, the number of messages ready in it, and of its consumers.
    @discardableResult
    public mutating func declareQueue(
        _ name: String, isDurable: Bool = true, isPassive: Bool = false, arguments: AMQPTable = [:], channel: UInt16
    ) throws(AMQPError) -> (name: String, messages: Int, consumers: Int) {
        arena.recycle()
        let answer = unsafe amqp_queue_declare(
            state, channel, arena.bytes(name), isPassive ? 1 : 0, isDurable ? 1 : 0, isDurable ? 0 : 1,
            isDurable ? 0 : 1, arena.table(arguments))
        try check("\(isPassive ? "looking for" : "declaring") the queue '\(name)'")
        guard let answer = unsafe answer else { throw AMQPError(.connectionLost, "declaring '\(name)': no answer") }
        return unsafe (
            String(answer.pointee.queue), Int(answer.pointee.message_count), Int(answer.pointee.consumer_count)
        )
    }

    /// Deletes a queue with what is in it, where it is there.
    public mutating func deleteQueue(_ name: String, channel: UInt16) throws(AMQPError) {
        arena.recycle()
        unsafe amqp_queue_delete(state, channel, arena.bytes(name), 0, 0)
        try check("deleting the queue '\(name)'")
    }

    /// Binds a queue to an exchange.
    public mutating func bind(
        queue: String, to exchange: String, routingKey: String, channel: UInt16
    ) throws(AMQPError) {
        arena.recycle()
        unsafe amqp_queue_bind(
            state, channel, arena.bytes(queue), arena.bytes(exchange), arena.bytes(routingKey), amqp_empty_table)
        try check("binding '\(queue)' to '\(exchange)' by '\(routingKey)'")
    }

    /// Binds an exchange to another, from which it then gets messages, too.
    public mutating func bind(
        exchange: String, to source: String, routingKey: String, channel: UInt16
    ) throws(AMQPError) {
        arena.recycle()
        unsafe amqp_exchange_bind(
            state, channel, arena.bytes(exchange), arena.bytes(source), arena.bytes(routingKey), amqp_empty_table)
        try check("binding '\(exchange)' to '\(source)' by '\(routingKey)'")
    }

    /// Makes the broker confirm what is published on the channel, numbering from 1.
    public func selectConfirms(channel: UInt16) throws(AMQPError) {
        unsafe amqp_confirm_select(state, channel)
        try check("asking for publisher confirms")
    }

    /// Consumes a queue with manual acknowledgement, `prefetch` messages ahead at most.
    /// - Parameter noAck: take messages as acknowledged when they are sent (for direct reply-to).
    /// - Returns: the consumer's tag, a new one each time.
    @discardableResult
    public mutating func consume(
        _ queue: String, prefetch: UInt16, channel: UInt16, noAck: Bool = false, arguments: AMQPTable = [:]
    ) throws(AMQPError) -> String {
        if !noAck {
            unsafe amqp_basic_qos(state, channel, 0, prefetch, 0)
            try check("setting the prefetch of '\(queue)'")
        }
        arena.recycle()
        let answer = unsafe amqp_basic_consume(
            state, channel, arena.bytes(queue), amqp_empty_bytes, 0, noAck ? 1 : 0, 0, arena.table(arguments))
        try check("consuming '\(queue)'")
        return unsafe answer.map { unsafe String($0.pointee.consumer_tag) } ?? ""
    }

    // MARK: Asynchronous methods

    /// Asks for one message of a queue; it arrives through ``next()`` as a delivery, or as ``AMQPIncoming/empty``.
    public mutating func get(_ queue: String, channel: UInt16) throws(AMQPError) {
        arena.recycle()
        var method = unsafe amqp_basic_get_t(ticket: 0, queue: arena.bytes(queue), no_ack: 0)
        let status = unsafe amqp_send_method(state, channel, AMQP_BASIC_GET_METHOD, &method)
        guard status == 0 else { throw AMQPError(status: status, while: "asking for a message of '\(queue)'") }
    }

    /// Publishes one message; its confirm, where selected, arrives through ``next()``.
    /// - Parameter appID: the program that publishes it, where the message doesn't say.
    public mutating func publish(
        _ message: AMQPMessage, to exchange: String, routingKey: String, by appID: String? = nil, isMandatory: Bool,
        channel: UInt16
    ) throws(AMQPError) {
        arena.recycle()
        var properties = unsafe arena.properties(message, appID)
        let (place, key) = unsafe (arena.bytes(exchange), arena.bytes(routingKey))
        let status = unsafe message.body.withUnsafeBytes { body in
            let bytes = unsafe amqp_bytes_t(len: body.count, bytes: UnsafeMutableRawPointer(mutating: body.baseAddress))
            return unsafe amqp_basic_publish(
                state, channel, place, key, isMandatory ? 1 : 0, 0, &properties, bytes)
        }
        guard status == 0 else { throw AMQPError(status: status, while: "publishing") }
    }

    /// Acknowledges a message, and all before it on the channel where `multiple`.
    public func acknowledge(_ tag: UInt64, multiple: Bool, channel: UInt16) throws(AMQPError) {
        let status = unsafe amqp_basic_ack(state, channel, tag, multiple ? 1 : 0)
        guard status == 0 else { throw AMQPError(status: status, while: "acknowledging") }
    }
}
