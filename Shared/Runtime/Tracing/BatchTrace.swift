import AMQP
import Tracing

/// The spans of a batch that is handled: one for each message, which continues its publisher's trace; one for each message that is
/// published because of it; and where there are several, one for the work that they share, linked to theirs.
struct BatchTrace {
    private let tracer: MessageTracer
    private let work: TracedSpan?
    private let processing: [(delivery: Delivery, span: TracedSpan)]
    private var publishing: [TracedSpan] = []
    private let start = DefaultTracerClock.now

    /// Begins the spans of messages from `queue`.
    init(_ batch: [Delivery], from queue: String, _ tracer: MessageTracer) {
        self.tracer = tracer
        let start = start
        processing = batch.map { delivery in
            var parent = InstrumentationContext.topLevel
            tracer.extract(delivery.message.headers, into: &parent, using: TraceHeaders())
            let span = tracer.startSpan("process \(queue)", context: parent, ofKind: .consumer, at: start)
            if span.isRecording { span.attributes = Self.attributes(of: delivery, from: queue) }
            return (delivery.traced(by: span), span)
        }
        work = batch.count > 1 ? tracer.startSpan("work \(queue)", context: .topLevel, at: start) : nil
        guard let work, work.isRecording else { return }
        work.attributes = [
            "messaging.system": "rabbitmq", "messaging.destination.name": .string(queue),
            "messaging.batch.message_count": .int64(Int64(batch.count)),
        ]
        for (_, span) in processing where span.isRecording { work.addLink(span) }
    }

    /// The batch, whose messages know their spans.
    var deliveries: [Delivery] { processing.map(\.delivery) }

    /// Notes what came of the message at `index`.
    /// - Returns: what is to be published because of it, each in a span of its own.
    mutating func conclude(_ index: Int, _ verdict: Verdict, _ messages: [OutgoingMessage]) -> [OutgoingMessage] {
        let span = processing[index].span
        guard span.isRecording else { return messages }
        switch verdict {
        case .done: return messages.map { published($0, because: span) }
        // The message itself, which carries on its publisher's context.
        case .tryLater(let error): span.setStatus(SpanStatus(code: .error, message: error))
        case .deadLetter(let reason, let detail):
            span.setStatus(SpanStatus(code: .error, message: "\(reason): \(detail)"))
        }
        return messages
    }

    private mutating func published(_ outgoing: OutgoingMessage, because cause: TracedSpan) -> OutgoingMessage {
        let span = tracer.startSpan("publish \(outgoing.routingKey)", context: cause.context, ofKind: .producer)
        span.attributes = [
            "messaging.system": "rabbitmq", "messaging.operation.name": "publish", "messaging.operation.type": "send",
            "messaging.destination.name": .string("\(outgoing.exchange):\(outgoing.routingKey)"),
            "messaging.rabbitmq.destination.routing_key": .string(outgoing.routingKey),
        ]
        if let id = outgoing.message.messageID { span.attributes["messaging.message.id"] = id }
        var message = outgoing.message
        tracer.inject(span.context, into: &message.headers, using: TraceHeaders())
        publishing.append(span)
        return OutgoingMessage(
            to: outgoing.exchange, routingKey: outgoing.routingKey, isMandatory: outgoing.isMandatory, message: message)
    }

    /// The broker has confirmed what was published.
    mutating func confirm() {
        let now = DefaultTracerClock.now
        for span in publishing { span.end(at: now) }
        publishing = []
    }

    /// The batch has been acknowledged.
    func end() {
        let now = DefaultTracerClock.now
        for (_, span) in processing { span.end(at: now) }
        work?.end(at: now)
    }

    private static func attributes(of delivery: Delivery, from queue: String) -> SpanAttributes {
        var attributes: SpanAttributes = [
            "messaging.system": "rabbitmq", "messaging.operation.name": "process",
            "messaging.operation.type": "process", "messaging.destination.name": .string(queue),
            "messaging.rabbitmq.destination.routing_key": .string(delivery.routingKey),
        ]
        if let id = delivery.message.messageID { attributes["messaging.message.id"] = id }
        if let id = delivery.message.correlationID { attributes["messaging.message.conversation_id"] = id }
        if delivery.attempts > 0 { attributes["caramelo.attempts"] = delivery.attempts }
        return attributes
    }
}
