/// A booking as it is now: the answer to `query.booking` and to a twin (contract, "Queries" and "Commands").
public enum BookingStatus: Codable, Sendable, Equatable {
    /// Stored and not decided yet: `{"request_id", "booking_number", "status": "pending"}`.
    case pending(requestID: String, bookingNumber: Int)
    /// Decided: the outcome as it was announced.
    case decided(BookingOutcome)

    private enum CodingKeys: String, CodingKey {
        case requestID = "request_id"
        case bookingNumber = "booking_number"
        case status
    }

    private static let pending = "pending"

    /// Tells them apart by `status`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if try container.decode(String.self, forKey: .status) == Self.pending {
            self = .pending(
                requestID: try container.decode(String.self, forKey: .requestID),
                bookingNumber: try container.decode(Int.self, forKey: .bookingNumber))
        } else {
            self = .decided(try BookingOutcome(from: decoder))
        }
    }

    /// Encodes the outcome itself, or the three fields of a pending booking.
    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .decided(let outcome):
            try outcome.encode(to: encoder)
        case .pending(let requestID, let bookingNumber):
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(requestID, forKey: .requestID)
            try container.encode(bookingNumber, forKey: .bookingNumber)
            try container.encode(Self.pending, forKey: .status)
        }
    }
}
