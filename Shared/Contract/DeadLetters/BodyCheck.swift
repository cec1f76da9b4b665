/// Finds what is wrong with a body, for whoever looks at a dead letter or mends it.
public enum BodyCheck {
    /// What is wrong with a message of that routing key; the field is `body` where it is about the whole. Of messages whose rules are
    /// not known here only that they are JSON objects is checked.
    public static func problems(of body: [UInt8], routingKey: String) -> [Problem] {
        do {
            switch routingKey {
            case RoutingKey.bookingRequest:
                if case .invalid(let request) = try BookingRequest.read(body) { return request.problems }
            case RoutingKey.bookingCancel: _ = try BookingCancel.read(body)
            case RoutingKey.destinationSet: _ = try DestinationSet.read(body)
            case RoutingKey.flightSchedule: _ = try FlightSchedule.read(body)
            case RoutingKey.bookingAccepted: _ = try JSON.decode(BookingAccepted.self, from: body)
            case RoutingKey.bookingPriced: _ = try JSON.decode(BookingPriced.self, from: body)
            case RoutingKey.candyAccounted: _ = try JSON.decode(CandyAccounted.self, from: body)
            case RoutingKey.customerRegistered: _ = try JSON.decode(CustomerRegistered.self, from: body)
            case RoutingKey.bookingConfirmed, RoutingKey.bookingRejected, RoutingKey.bookingCancelled:
                _ = try JSON.decode(BookingOutcome.self, from: body)
            default: _ = try JSON.object(body)
            }
            return []
        } catch let error as CommandError {
            switch error {
            case .unreadable(let unreadable): return [problem(unreadable)]
            case .invalid(let problems): return problems
            }
        } catch let unreadable as Unreadable {
            return [problem(unreadable)]
        } catch {
            return [Problem(field: "body", problem: "\(error)")]
        }
    }

    private static func problem(_ unreadable: Unreadable) -> Problem {
        switch unreadable.reason {
        case .noRequestID:
            // Its detail begins with the field's name.
            return Problem(field: "request_id", problem: String(unreadable.detail.drop { $0 != " " }.dropFirst()))
        case .unexpectedFields:
            let parts = unreadable.detail.split(separator: ":", maxSplits: 1)
            return parts.count == 2
                ? Problem(field: String(parts[0]), problem: String(parts[1].drop { $0 == " " }))
                : Problem(field: "body", problem: unreadable.detail)
        case .tooLarge, .notUTF8, .notJSONObject: return Problem(field: "body", problem: unreadable.detail)
        }
    }
}
