import Contract
import Logging
import Runtime

/// What there is to tell a customer.
enum Announcement {
    case outcome(BookingOutcome)
    case welcome(CustomerRegistered)

    /// - Throws: ``Unreadable`` for a body that is neither.
    init(_ delivery: Delivery) throws(Unreadable) {
        if delivery.routingKey == RoutingKey.customerRegistered {
            self = .welcome(try JSON.decode(CustomerRegistered.self, from: delivery.body))
        } else {
            self = .outcome(try JSON.decode(BookingOutcome.self, from: delivery.body))
        }
        // A header line of a mail has at most 998 characters.
        if eventID.utf8.count > 200 { throw Unreadable(.unexpectedFields, "event_id has more than 200 characters") }
    }

    private var event: any Event {
        switch self {
        case .outcome(let outcome): outcome
        case .welcome(let customer): customer
        }
    }

    /// The same for the same announcement, however often it comes.
    var eventID: String { event.eventID }

    /// When it happened.
    var occurredAt: Timestamp { event.occurredAt }

    /// Whom to tell; nil where the request named no usable address.
    var email: String? {
        switch self {
        case .outcome(let outcome): outcome.email
        case .welcome(let customer): customer.email
        }
    }

    /// The passenger, for the name beside the address.
    var name: String {
        switch self {
        case .outcome(let outcome): outcome.passengerName ?? ""
        case .welcome(let customer): customer.passengerName
        }
    }

    /// The log line's text.
    var message: Logger.Message {
        switch self {
        case .outcome: "outcome announced"
        case .welcome: "welcome"
        }
    }

    /// The log line's fields.
    var metadata: Logger.Metadata {
        var metadata: Logger.Metadata = [
            "request_id": "\(event.requestID)", "event_id": "\(eventID)", "email": "\(email ?? "-")",
        ]
        if case .outcome(let outcome) = self {
            metadata["booking_number"] = "\(outcome.bookingNumber)"
            metadata["status"] = "\(outcome.status.rawValue)"
            metadata["reason"] = "\(outcome.reason?.rawValue ?? "-")"
        }
        return metadata
    }
}
