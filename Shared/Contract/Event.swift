/// An event: published at least once, each time with the same id and the same bytes (contract, "Broker").
public protocol Event: Codable, Sendable, Equatable {
    /// Its name, which is the routing key and the message's `type`.
    var event: String { get }
    /// Its id, which is the `message_id`.
    var eventID: String { get }
    /// When it happened, as it was stored then; never the time of publishing.
    var occurredAt: Timestamp { get }
    /// The request it is about.
    var requestID: String { get }
    /// Whether its amounts and counts are possible, so that reckoning with those of one event can't overflow.
    var isInRange: Bool { get }
}

extension JSON {
    /// Reads an event's body; throws for amounts outside of ``Contract/amounts`` besides.
    public static func decode<T: Event>(_ type: T.Type, from body: [UInt8]) throws(Unreadable) -> T {
        let event = try decodeAny(type, from: body)
        guard event.isInRange else { throw Unreadable(.unexpectedFields, "a figure is out of range") }
        return event
    }
}

/// The ids of events, each made from the request's id so that an event published twice has the same.
public enum EventID {
    /// What happened to the request.
    public enum Kind: String, Sendable, CaseIterable {
        /// `booking.accepted`.
        case accepted
        /// `booking.priced`.
        case priced
        /// `booking.confirmed`.
        case confirmed
        /// `booking.rejected`.
        case rejected
        /// `booking.cancelled`.
        case cancelled
        /// `candy.accounted`.
        case candy
        /// `loyalty.awarded`.
        case loyalty
        /// `customer.registered`.
        case customer
    }

    /// The request's id, a dot and the kind: at most 74 ASCII characters.
    public static func of(_ requestID: String, _ kind: Kind) -> String { "\(requestID).\(kind.rawValue)" }
}
