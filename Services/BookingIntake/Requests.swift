import AMQP
import Contract
import Logging
import Runtime

/// Step 1 of a booking: `booking.request` is stored once, and `booking.accepted` or the rejection goes out.
struct Requests: Sendable {
    let store: BookingStore
    let cancellations: Cancellations
    let counters: BookingCounters
    let logger: Logger

    /// The requests of a batch come before its cancellations, which may be of them.
    func handle(_ batch: [Delivery]) async throws -> [Verdict] {
        let requests = batch.filter { $0.routingKey != RoutingKey.bookingCancel }
        var verdicts = Dictionary(uniqueKeysWithValues: zip(requests.map(\.id), try await book(requests)))
        for delivery in batch where delivery.routingKey == RoutingKey.bookingCancel {
            verdicts[delivery.id] = try await cancellations.handle(delivery)
        }
        return batch.map { verdicts[$0.id] ?? .tryLater("it was not handled") }
    }

    private func book(_ batch: [Delivery]) async throws -> [Verdict] {
        let readings = batch.map { delivery in
            Result { () throws(Unreadable) in RequestEntry(try BookingRequest.read(delivery.body), delivery) }
        }
        let acceptances = try await store.accept(readings.compactMap { try? $0.get() })
        return zip(batch, readings).map { delivery, reading in
            switch reading {
            case .failure(let unreadable): return Verdict(failure: unreadable)
            case .success(let entry):
                guard let booking = acceptances.bookings[entry.requestID] else {
                    return .tryLater("the request was neither stored nor found")
                }
                return verdict(on: delivery, entry, booking, isNew: acceptances.creators.contains(entry.position))
            }
        }
    }

    private func verdict(
        on delivery: Delivery, _ entry: RequestEntry, _ booking: StoredBooking, isNew: Bool
    ) -> Verdict {
        guard booking.contentHash == entry.contentHash else {
            logger.warning("request_id used again for another request", metadata: ["request_id": "\(entry.requestID)"])
            let refusal = CommandReply.failed(.requestIDReused, "another request has used this request_id before")
            return .done(replies: Reply.to(delivery, refusal))
        }
        // What the broker redelivers may not have been announced; a twin's first message has been, or will be.
        let mustAnnounce = isNew || delivery.isRepeat
        if isNew {
            counters.stored(booking)
            logger.debug(
                "request stored",
                metadata: ["request_id": "\(booking.requestID)", "booking_number": "\(booking.number)"])
        }
        switch booking.status {
        case .pending:
            let accepted = mustAnnounce ? [OutgoingMessage.event(booking.accepted, causedBy: delivery)] : []
            return .done(accepted, replies: mustAnnounce ? [] : Reply.to(delivery, booking.answer))
        case .confirmed, .rejected, .cancelled:
            let announcement = mustAnnounce ? booking.announcement(causedBy: delivery) : []
            return .done(announcement, replies: Reply.to(delivery, booking.answer))
        }
    }
}

/// A request that can be stored, valid or not, and where its answer goes.
struct RequestEntry: Sendable {
    let reading: BookingRequest.Reading
    /// Tells the messages of a batch apart, twins included.
    let position: UInt64
    let replyTo: String?
    let correlationID: String?

    init(_ reading: BookingRequest.Reading, _ delivery: Delivery) {
        self.reading = reading
        position = delivery.id
        replyTo = delivery.message.replyTo
        correlationID = delivery.message.correlationID
    }

    var requestID: String {
        switch reading {
        case .valid(let request): request.requestID
        case .invalid(let request): request.requestID
        }
    }

    var flightID: String? {
        switch reading {
        case .valid(let request): request.flightID
        case .invalid(let request): request.flightID
        }
    }

    var contentHash: Int64 {
        switch reading {
        case .valid(let request): request.contentHash
        case .invalid(let request): request.contentHash
        }
    }
}

extension StoredBooking {
    /// Everything that is to be known of it so far: its outcome, and what goes with a confirmation.
    func announcement(causedBy cause: Delivery?) -> [OutgoingMessage] {
        var messages = outcomes.map { outcome in
            let age = outcome.status == .confirmed ? outcome.passengerAge : nil
            return OutgoingMessage.event(
                outcome, to: Exchange.bookingNotifications, causedBy: cause,
                alsoTo: age.map { [RoutingKey.confirmed(age: $0)] } ?? [])
        }
        if let registration {
            messages.append(.event(registration, to: Exchange.customerEvents, causedBy: cause))
        }
        // Nobody of ours listens to it, so nobody need be bound.
        if let award { messages.append(.event(award, causedBy: cause, isMandatory: false)) }
        return messages
    }
}
