import Contract
import Model

/// A command and how it is sent.
struct Order: Sendable, Hashable {
    /// What it is counted as.
    enum Kind: String, CaseIterable, Sendable {
        case request = "booking.request"
        case invalid = "invalid request"
        case twin
        case reuse = "request_id used again"
        case cancel = "booking.cancel"
        case unreadable
        case refused = "refused command"
        case set = "destination.set"
        case schedule = "flight.schedule"
    }

    /// Its `message_id`; the same when it is published again.
    var id: String
    var kind: Kind
    var command: Command
    /// Whether it has a `reply_to`.
    var wantsReply = false
    /// The request whose outcome must have been announced before it is sent.
    var after: String?

    /// Its routing key; what is unreadable is sent as a request.
    var key: String {
        switch command {
        case .request, .unreadable: RoutingKey.bookingRequest
        case .cancel: RoutingKey.bookingCancel
        case .set: RoutingKey.destinationSet
        case .schedule: RoutingKey.flightSchedule
        }
    }
}
