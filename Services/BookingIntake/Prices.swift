import AMQP
import Contract
import Logging
import Runtime

/// Step 3 of a booking: `booking.priced` confirms it, and the outcome goes out to all who listen and all who asked.
struct Prices: Sendable {
    let store: BookingStore
    let counters: BookingCounters
    let logger: Logger

    func handle(_ batch: [Delivery]) async throws -> [Verdict] {
        let readings = batch.map { delivery in
            Result { () throws(Unreadable) in try JSON.decode(BookingPriced.self, from: delivery.body) }
        }
        let settled = try await store.settle(readings.compactMap { try? $0.get() })
        counters.confirmed(settled.confirmed.compactMap { settled.bookings[$0] })
        return zip(batch, readings).map { delivery, reading in
            switch reading {
            case .failure(let unreadable): return Verdict(failure: unreadable)
            case .success(let priced):
                guard let booking = settled.bookings[priced.bookingNumber], booking.requestID == priced.requestID
                else { return .tryLater("no booking \(priced.bookingNumber) of request \(priced.requestID) is stored") }
                // Stored while this was looked for: a price of its own publisher, before its request.
                if booking.status == .pending { return .tryLater("the booking is stored just now") }
                log(booking)
                let replies = settled.askers[booking.number].map { booking.answers(to: $0, causedBy: delivery) } ?? []
                return .done(booking.announcement(causedBy: delivery), replies: replies)
            }
        }
    }

    private func log(_ booking: StoredBooking) {
        logger.debug(
            "booking settled",
            metadata: [
                "request_id": "\(booking.requestID)", "booking_number": "\(booking.number)",
                "status": "\(booking.status)",
            ])
    }
}

extension StoredBooking {
    /// The final outcome for those who asked, also where a cancellation that was waiting for it follows at once.
    fileprivate func answers(to askers: [Settlements.Asker], causedBy delivery: Delivery) -> [Reply] {
        let outcome = outcomes.first.map(JSON.encode) ?? JSON.encode(answer)
        return askers.map { asker in
            Reply(
                to: asker.replyTo, correlationID: asker.correlationID, traceparent: delivery.traceparent,
                type: "booking.request.answer", body: outcome)
        }
    }
}
