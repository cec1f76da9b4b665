import AMQP
import Contract
import Logging
import Runtime

/// The other commands: `destination.set`, `flight.schedule` and `booking.cancel`.
struct Changes: Sendable {
    let store: BookingStore
    let logger: Logger

    /// How often a command that misses something is tried again: it may have overtaken what it needs.
    private static let patience = 2

    func handle(_ batch: [Delivery]) async throws -> [Verdict] {
        var verdicts: [Verdict] = []
        for delivery in batch { verdicts.append(try await carryOut(delivery)) }
        return verdicts
    }

    private func carryOut(_ delivery: Delivery) async throws -> Verdict {
        do {
            switch delivery.routingKey {
            case RoutingKey.destinationSet:
                return answer(delivery, try await store.set(DestinationSet.read(delivery.body)))
            case RoutingKey.flightSchedule:
                return answer(delivery, try await store.schedule(FlightSchedule.read(delivery.body)))
            case RoutingKey.bookingCancel:
                return try await cancel(BookingCancel.read(delivery.body).requestID, delivery)
            default:
                return .deadLetter(reason: "unknown_command", detail: "routing key '\(delivery.routingKey)'")
            }
        } catch let unreadable as Unreadable {
            return Verdict(failure: unreadable)
        } catch CommandError.unreadable(let unreadable) {
            return Verdict(failure: unreadable)
        } catch CommandError.invalid(let problems) {
            return answer(delivery, .invalid(problems))
        }
    }

    private func cancel(_ requestID: String, _ delivery: Delivery) async throws -> Verdict {
        logger.debug("cancellation", metadata: ["request_id": "\(requestID)"])
        switch try await store.cancel(requestID) {
        case .remembered:
            return answer(delivery, .done)
        case .cancelled(let booking, let isNew):
            // The confirmation went out when it was confirmed, or will with the redelivery of its price.
            let event = isNew || delivery.isRepeat ? booking.outcomes.last : nil
            let announcement = event.map {
                [OutgoingMessage.event($0, to: Exchange.bookingNotifications, causedBy: delivery)]
            }
            return .done(announcement ?? [], replies: Reply.to(delivery, CommandReply.done))
        case .notConfirmed:
            return .done(
                replies: Reply.to(delivery, CommandReply.failed(.notConfirmed, "the booking was rejected")))
        case .notFound where delivery.attempts < Self.patience:
            return .tryLater("no request \(requestID) is stored yet")
        case .notFound:
            return answer(delivery, .failed(.notFound, "no request \(requestID) is stored"))
        }
    }

    /// Answers. A refusal that nobody can be told of is kept with the dead letters; where it may be a matter of order,
    /// such as a flight that has overtaken its destination, after some tries.
    private func answer(_ delivery: Delivery, _ reply: CommandReply) -> Verdict {
        guard let code = reply.code, delivery.message.replyTo?.isEmpty != false else {
            return .done(replies: Reply.to(delivery, reply))
        }
        let problems = reply.problems?.map { "\($0.field): \($0.problem)" }.joined(separator: "; ")
        let detail = reply.detail ?? problems ?? ""
        if code != .invalidRequest, delivery.attempts < Self.patience { return .tryLater(detail) }
        return .deadLetter(reason: code.rawValue, detail: detail)
    }
}
