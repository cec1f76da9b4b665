/// The command `booking.cancel` (contract, "Commands").
public struct BookingCancel: Encodable, Sendable, Equatable {
    /// The booking to cancel.
    public let requestID: String

    /// Checks nothing: the fields are checked where the message is read.
    public init(requestID: String) {
        self.requestID = requestID
    }

    /// Reads a body; without a usable request_id it is unreadable (contract, promise 2).
    public static func read(_ body: [UInt8]) throws(Unreadable) -> BookingCancel {
        BookingCancel(requestID: try Fields(try JSON.object(body)).requestID())
    }

    private enum CodingKeys: String, CodingKey {
        case requestID = "request_id"
    }
}
