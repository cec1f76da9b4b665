import AMQP
import Contract
import Logging
import Runtime

/// `booking.cancel`: a confirmed booking is cancelled, a pending one as soon as it is confirmed.
struct Cancellations: Sendable {
    let store: BookingStore
    let counters: BookingCounters
    let logger: Logger

    func handle(_ delivery: Delivery) async throws -> Verdict {
        let requestID: String
        do { requestID = try BookingCancel.read(delivery.body).requestID } catch { return Verdict(failure: error) }
        logger.debug("cancellation", metadata: ["request_id": "\(requestID)"])
        switch try await store.cancel(requestID) {
        case .remembered:
            return .answer(delivery, .done)
        case .cancelled(let booking, let isNew):
            if isNew { counters.cancelled([booking]) }
            // The confirmation went out when it was confirmed, or will with the redelivery of its price.
            let event = isNew || delivery.isRepeat ? booking.outcomes.last : nil
            let announcement = event.map {
                [OutgoingMessage.event($0, to: Exchange.bookingNotifications, causedBy: delivery)]
            }
            return .done(announcement ?? [], replies: Reply.to(delivery, CommandReply.done))
        case .notConfirmed:
            return .done(
                replies: Reply.to(delivery, CommandReply.failed(.notConfirmed, "the booking was rejected")))
        case .notFound where delivery.attempts < Verdict.patience:
            return .tryLater("no request \(requestID) is stored yet")
        case .notFound:
            return .answer(delivery, .failed(.notFound, "no request \(requestID) is stored"))
        }
    }
}
