import AMQP
import Contract

/// What a client has handed over and not seen through, and the channel it is on.
struct ClientChannel {
    private static let number: UInt16 = 1
    /// The broker's name for "back on the channel that asks".
    private static let replyTo = "amq.rabbitmq.reply-to"
    /// The most messages that wait for their confirm at a time.
    private static let window = 1_024

    private let appID: String
    /// What waits to be sent, oldest first.
    private var outbox: [Parcel] = []
    /// What was sent and waits for its confirm, by the number it was published with.
    private var inFlight: [UInt64: Parcel] = [:]
    private var oldest: UInt64 = 1
    private var next: UInt64 = 1
    /// What the broker refused, until it is sent again.
    private var refused: [Parcel] = []
    private var isRestoring = false
    /// Questions without an answer, by correlation id.
    private var asked: [String: Question] = [:]
    /// Set while the broker has an alarm and reads nothing from us.
    private(set) var alarm: ClientError?
    private var patience = ConfirmPatience()

    init(appID: String) { self.appID = appID }

    /// Whether anybody waits for anything.
    var isWanted: Bool {
        outbox.contains(where: \.isWanted) || refused.contains(where: \.isWanted)
            || inFlight.values.contains(where: \.isWanted)
            || asked.values.contains { !$0.ticket.isFinished }
    }

    mutating func add(_ batch: Batch) {
        for message in batch.messages { outbox.append(Parcel(message: message, sender: .batch(batch))) }
    }

    mutating func add(_ question: Question) {
        guard !question.ticket.isFinished else { return }
        asked[question.message.correlationID ?? ""] = question
        outbox.append(Parcel(message: question.message, sender: .question(question)))
    }

    mutating func forget(_ question: Question) { asked[question.message.correlationID ?? ""] = nil }

    // MARK: The connection

    mutating func open(on connection: inout AMQPConnection) throws(AMQPError) {
        try connection.openChannel(Self.number)
        // Before anything is asked: the broker refuses a question whose asker does not listen.
        try connection.consume(Self.replyTo, prefetch: 0, channel: Self.number, noAck: true)
        try connection.selectConfirms(channel: Self.number)
        (oldest, next) = (1, 1)
        alarm = nil
    }

    /// Sends what there is room for.
    mutating func send(on connection: inout AMQPConnection) throws(AMQPError) {
        guard alarm == nil, !outbox.isEmpty else { return }
        var taken = 0
        // Noted before it is sent: what fails is in doubt.
        defer { outbox.removeFirst(taken) }
        while taken < outbox.count, inFlight.count < Self.window, connection.isWritable {
            let parcel = outbox[taken]
            taken += 1
            guard parcel.isWanted else { continue }
            inFlight[next] = parcel
            inFlight[next]?.start = parcel.start ?? .now
            next += 1
            try connection.publish(
                parcel.message.amqp(appID: appID, replyTo: parcel.isQuestion ? Self.replyTo : nil),
                to: parcel.message.exchange, routingKey: parcel.message.routingKey, isMandatory: true,
                channel: Self.number)
        }
    }

    mutating func receive(_ incoming: AMQPIncoming) {
        switch incoming {
        case .delivery(let delivery):
            asked[delivery.message.correlationID ?? ""]?.receive(delivery.message.body)
        case .confirmed(let tag, let multiple):
            patience.restore()
            for parcel in settled(tag, multiple) where !parcel.isReturned { parcel.confirm() }
        case .refused(let tag, let multiple):
            refused += settled(tag, multiple)
        case .returned(_, let routingKey, let message, _):
            noteReturn(routingKey, message)
        case .blocked(let reason):
            alarm = .blocked(reason)
        case .unblocked:
            patience.begin()
            alarm = nil
        case .consumerCancelled, .empty:
            break
        }
    }

    /// Looks whether a confirm is overdue.
    /// - Throws: ``AMQPError`` where it is: the connection is of no use any more.
    mutating func check() throws(AMQPError) {
        guard alarm == nil else { return }
        if let start = inFlight[oldest]?.start { try patience.check(start) }
        // A channel that was opened while a queue had no leader may be refused for good.
        if let start = refused.compactMap(\.start).min() { try patience.check(start) }
    }

    private mutating func settled(_ tag: UInt64, _ multiple: Bool) -> [Parcel] {
        guard tag >= oldest, tag < next else { return [] }
        let parcels = (multiple ? oldest...tag : tag...tag).compactMap { inFlight.removeValue(forKey: $0) }
        while oldest < next, inFlight[oldest] == nil { oldest += 1 }
        return parcels
    }

    /// A return names no number: the message itself tells which it was.
    private mutating func noteReturn(_ routingKey: String, _ message: AMQPMessage) {
        for tag in oldest..<next {
            guard let parcel = inFlight[tag], !parcel.isReturned, parcel.message.messageID == message.messageID,
                parcel.message.routingKey == routingKey
            else { continue }
            inFlight[tag]?.isReturned = true
            return parcel.fail(.nobodyServes(routingKey))
        }
    }

    /// Whether there is something refused that nobody has taken care of yet.
    mutating func takeRefused() -> Bool {
        guard !refused.isEmpty, !isRestoring else { return false }
        isRestoring = true
        return true
    }

    mutating func restoreRefused() {
        isRestoring = false
        outbox += refused
        refused = []
    }

    /// The connection is gone: what was under way on it is sent again on the next.
    mutating func lose(_ error: AMQPError) {
        var doubtful = inFlight.sorted { $0.key < $1.key }.map(\.value)
        for index in doubtful.indices { doubtful[index].start = nil }
        for index in refused.indices { refused[index].start = nil }
        inFlight = [:]
        alarm = nil
        if error.code == .server(404) {
            // There is no such exchange, which no repetition changes.
            for parcel in doubtful { parcel.fail(.nobodyServes(parcel.message.routingKey)) }
        }
        outbox = doubtful.filter { !$0.isQuestion && !$0.isReturned } + outbox.filter { !$0.isQuestion }
        // Confirmed or not, no answer can come any more to where it was to go.
        outbox += asked.values.map { Parcel(message: $0.message, sender: .question($0)) }
    }

    /// Nobody is to wait any longer.
    mutating func fail(_ error: ClientError) {
        for parcel in outbox + refused + inFlight.values { parcel.fail(error) }
        for question in asked.values { question.ticket.finish(.failure(error)) }
        (outbox, refused, inFlight, asked) = ([], [], [:], [:])
    }
}
