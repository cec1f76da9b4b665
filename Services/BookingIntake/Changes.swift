import AMQP
import Contract
import Logging
import Runtime

/// Commands about what can be booked: `destination.set` and `flight.schedule`.
struct Changes: Sendable {
    let store: BookingStore
    let logger: Logger

    func handle(_ batch: [Delivery]) async throws -> [Verdict] {
        var verdicts: [Verdict] = []
        for delivery in batch { verdicts.append(try await carryOut(delivery)) }
        return verdicts
    }

    private func carryOut(_ delivery: Delivery) async throws -> Verdict {
        do {
            switch delivery.routingKey {
            case RoutingKey.destinationSet:
                return .answer(delivery, try await store.set(DestinationSet.read(delivery.body)))
            case RoutingKey.flightSchedule:
                return .answer(delivery, try await store.schedule(FlightSchedule.read(delivery.body)))
            default:
                return .deadLetter(reason: "unknown_command", detail: "routing key '\(delivery.routingKey)'")
            }
        } catch CommandError.unreadable(let unreadable) {
            return Verdict(failure: unreadable)
        } catch CommandError.invalid(let problems) {
            return .answer(delivery, .invalid(problems))
        }
    }
}

extension Verdict {
    /// How often a command that misses something is tried again: it may have overtaken what it needs.
    static let patience = 3

    /// Answers a command. A refusal that nobody can be told of is kept with the dead letters; where it may be a matter
    /// of order, such as a flight that has overtaken its destination, after some tries.
    static func answer(_ delivery: Delivery, _ reply: CommandReply) -> Verdict {
        guard let code = reply.code, delivery.message.replyTo?.isEmpty != false else {
            return .done(replies: Reply.to(delivery, reply))
        }
        let problems = reply.problems?.map { "\($0.field): \($0.problem)" }.joined(separator: "; ")
        let detail = reply.detail ?? problems ?? ""
        if code != .invalidRequest, delivery.attempts < patience { return .tryLater(detail) }
        return .deadLetter(reason: code.rawValue, detail: detail)
    }
}
