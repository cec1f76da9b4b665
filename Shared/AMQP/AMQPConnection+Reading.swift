import CRabbitMQ
import Glibc

extension AMQPConnection {
    /// A message that has begun to arrive. A class, so that the body grows where it is.
    final class Partial {
        enum Kind {
            case delivery(tag: UInt64, isRedelivered: Bool)
            case returned(why: String)
        }
        let kind: Kind
        let exchange: String
        let routingKey: String
        var message = AMQPMessage()
        var missing = 0

        init(kind: Kind, exchange: String, routingKey: String) {
            self.kind = kind
            self.exchange = exchange
            self.routingKey = routingKey
        }

        func whole(channel: UInt16) -> AMQPIncoming {
            switch kind {
            case .delivery(let tag, let isRedelivered):
                .delivery(
                    AMQPDelivery(
                        channel: channel, tag: tag, isRedelivered: isRedelivered, exchange: exchange,
                        routingKey: routingKey, message: message))
            case .returned(let why):
                .returned(exchange: exchange, routingKey: routingKey, message: message, why: why)
            }
        }
    }

    /// The next thing that the broker sent, or `nil` when nothing more has arrived. Sends heartbeats when due.
    /// - Throws: ``AMQPError`` when the connection is lost or the broker closed it or one of its channels.
    public mutating func next() throws(AMQPError) -> AMQPIncoming? {
        while true {
            var frame = unsafe amqp_frame_t()
            var none = timeval(tv_sec: 0, tv_usec: 0)
            let status = unsafe amqp_simple_wait_frame_noblock(state, &frame, &none)
            if status == AMQP_STATUS_TIMEOUT.rawValue {
                unsafe amqp_maybe_release_buffers(state)
                return nil
            }
            guard status == 0 else { throw AMQPError(status: status, while: "reading") }
            if let incoming = try unsafe take(frame) { return incoming }
        }
    }

    private mutating func take(_ frame: amqp_frame_t) throws(AMQPError) -> AMQPIncoming? {
        switch Int32(unsafe frame.frame_type) {
        case AMQP_FRAME_METHOD:
            return try unsafe take(frame.payload.method, channel: frame.channel)
        case AMQP_FRAME_HEADER:
            let header = unsafe frame.payload.properties
            let size = Int(clamping: unsafe header.body_size)
            let properties = unsafe header.decoded.load(as: amqp_basic_properties_t.self)
            guard let partial = unsafe partial[frame.channel] else { return nil }
            partial.message = unsafe AMQPMessage(properties, bodySize: size, &familiar)
            partial.missing = size
            return size == 0 ? finish(unsafe frame.channel) : nil
        case AMQP_FRAME_BODY:
            guard let partial = unsafe partial[frame.channel] else { return nil }
            let fragment = unsafe frame.payload.body_fragment
            let bytes = unsafe UnsafeRawBufferPointer(start: fragment.bytes, count: fragment.len)
            unsafe partial.message.body.append(contentsOf: bytes)
            partial.missing -= bytes.count
            return partial.missing == 0 ? finish(unsafe frame.channel) : nil
        default:
            return nil
        }
    }

    private mutating func finish(_ channel: UInt16) -> AMQPIncoming? {
        let incoming = partial.removeValue(forKey: channel)?.whole(channel: channel)
        finished += 1
        // Everything has been copied. Otherwise what arrives without a pause, such as a whole stream, stays in memory.
        if finished.isMultiple(of: 100), partial.isEmpty { unsafe amqp_maybe_release_buffers(state) }
        return incoming
    }

    private mutating func take(_ method: amqp_method_t, channel: UInt16) throws(AMQPError) -> AMQPIncoming? {
        guard let decoded = unsafe method.decoded else { return nil }
        switch unsafe method.id {
        case AMQP_BASIC_DELIVER_METHOD:
            let deliver = unsafe decoded.load(as: amqp_basic_deliver_t.self)
            partial[channel] = unsafe Partial(
                kind: .delivery(tag: deliver.delivery_tag, isRedelivered: deliver.redelivered != 0),
                exchange: familiar.exchange.text(deliver.exchange),
                routingKey: familiar.routingKey.text(deliver.routing_key))
            return nil
        case AMQP_BASIC_GET_OK_METHOD:
            let got = unsafe decoded.load(as: amqp_basic_get_ok_t.self)
            partial[channel] = unsafe Partial(
                kind: .delivery(tag: got.delivery_tag, isRedelivered: got.redelivered != 0),
                exchange: String(got.exchange), routingKey: String(got.routing_key))
            return nil
        case AMQP_BASIC_GET_EMPTY_METHOD:
            return .empty
        case AMQP_BASIC_RETURN_METHOD:
            let returned = unsafe decoded.load(as: amqp_basic_return_t.self)
            partial[channel] = unsafe Partial(
                kind: .returned(why: "\(returned.reply_code) \(String(returned.reply_text))"),
                exchange: String(returned.exchange), routingKey: String(returned.routing_key))
            return nil
        case AMQP_BASIC_ACK_METHOD:
            let ack = unsafe decoded.load(as: amqp_basic_ack_t.self)
            return unsafe .confirmed(tag: ack.delivery_tag, multiple: ack.multiple != 0)
        case AMQP_BASIC_NACK_METHOD:
            let nack = unsafe decoded.load(as: amqp_basic_nack_t.self)
            return unsafe .refused(tag: nack.delivery_tag, multiple: nack.multiple != 0)
        case AMQP_BASIC_CANCEL_METHOD:
            return unsafe .consumerCancelled(tag: String(decoded.load(as: amqp_basic_cancel_t.self).consumer_tag))
        case AMQP_CONNECTION_BLOCKED_METHOD:
            return unsafe .blocked(reason: String(decoded.load(as: amqp_connection_blocked_t.self).reason))
        case AMQP_CONNECTION_UNBLOCKED_METHOD:
            return .unblocked
        case AMQP_CHANNEL_CLOSE_METHOD, AMQP_CONNECTION_CLOSE_METHOD:
            throw unsafe AMQPError(closing: method, while: "using the connection")
        default:
            return nil
        }
    }
}
