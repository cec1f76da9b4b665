/// Why a body can't be read at all, which sends it to the dead letters at once (contract, promise 2).
public struct Unreadable: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds of unreadable; the raw value is what stands in the dead letter's headers.
    public enum Reason: String, Sendable, CaseIterable {
        /// More than ``Contract/maximumBodySize`` bytes.
        case tooLarge = "too_large"
        /// Not valid UTF-8.
        case notUTF8 = "not_utf8"
        /// Not RFC 8259 JSON, or JSON whose outermost value is no object.
        case notJSONObject = "not_json_object"
        /// A booking.request or booking.cancel without a usable request_id.
        case noRequestID = "no_request_id"
        /// A JSON object without the fields of the event it should be.
        case unexpectedFields = "unexpected_fields"
    }

    /// The kind.
    public let reason: Reason
    /// Where and what, in plain English, in at most a line.
    public let detail: String

    /// A reason with its detail.
    public init(_ reason: Reason, _ detail: String) {
        self.reason = reason
        self.detail = detail
    }

    /// Both in one line, for the log.
    public var description: String { "\(reason.rawValue): \(detail)" }
}
