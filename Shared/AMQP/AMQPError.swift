import CRabbitMQ

/// What went wrong between us and the broker.
public struct AMQPError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure.
    public enum Code: Sendable, Equatable {
        /// The connection could not be made, or was lost.
        case connectionLost
        /// The broker did not answer in time; the connection is of no further use.
        case timedOut
        /// The broker refused an operation and closed the channel or connection, with its reply code (such as 406).
        case server(Int)
    }

    /// The kind of failure.
    public let code: Code
    /// For people: what was attempted and what came of it; never a password or a body.
    public let description: String

    /// - Parameters: as the properties of the same names say.
    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }

    /// A failure that librabbitmq reports as a negative status.
    init(status: Int32, while action: String) {
        let text = unsafe String(cString: amqp_error_string2(status))
        let isTimeout = status == AMQP_STATUS_TIMEOUT.rawValue
        self.init(isTimeout ? .timedOut : .connectionLost, "\(action): \(text)")
    }

    /// A node whose certificate is not accepted; `nil` where the status says something else.
    init?(untrusted status: Int32, _ address: AMQPAddress) {
        let place = "the certificate of \(address.host):\(address.port)"
        switch status {
        case AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED.rawValue:
            self.init(.connectionLost, "\(place) is for another host than AMQP_URL says")
        case AMQP_STATUS_SSL_PEER_VERIFY_FAILED.rawValue:
            self.init(
                .connectionLost,
                "\(place) is out of date, or signed by no authority of TLS_CA_FILE ('\(address.files.trusted)')")
        default: return nil
        }
    }

    /// A failure of a synchronous method, or `nil` where it went well.
    init?(_ reply: amqp_rpc_reply_t, while action: String) {
        switch unsafe reply.reply_type {
        case AMQP_RESPONSE_NORMAL:
            return nil
        case AMQP_RESPONSE_SERVER_EXCEPTION:
            self = unsafe Self(closing: reply.reply, while: action)
        case AMQP_RESPONSE_LIBRARY_EXCEPTION:
            self = unsafe Self(status: reply.library_error, while: action)
        default:
            self.init(.connectionLost, "\(action): no reply")
        }
    }

    /// The broker's reason in a `channel.close` or `connection.close` method.
    init(closing method: amqp_method_t, while action: String) {
        switch unsafe method.id {
        case AMQP_CHANNEL_CLOSE_METHOD:
            let close = unsafe method.decoded.load(as: amqp_channel_close_t.self)
            self = unsafe Self(.server(Int(close.reply_code)), "\(action): \(String(close.reply_text))")
        case AMQP_CONNECTION_CLOSE_METHOD:
            let close = unsafe method.decoded.load(as: amqp_connection_close_t.self)
            self = unsafe Self(.server(Int(close.reply_code)), "\(action): \(String(close.reply_text))")
        default:
            self.init(.connectionLost, "\(action): the broker closed the connection")
        }
    }
}
