/// The command `booking.request`, valid and normalised (contract, "Commands").
public struct BookingRequest: Encodable, Sendable, Equatable {
    /// The idempotency key: 1 to 64 characters of `A–Z a–z 0–9 . _ -`.
    public let requestID: String
    /// 1 to 200 code points.
    public let passengerName: String
    /// Whole years, 0 to 130.
    public let passengerAge: Int
    /// Trimmed, in the case it was sent in; compare ``customerKey`` instead.
    public let email: String
    /// In NFC, 1 to 100 code points as it was sent.
    public let destination: String
    /// Whether a pet comes along, false when nothing was said.
    public let hasPet: Bool
    /// Whether the promotion applies, false when nothing was said.
    public let hasPromotion: Bool
    /// The flight wanted, 1 to 100 code points; nil for any.
    public let flightID: String?
    /// When the request is void if it is not accepted by then.
    public let expiresAt: Timestamp?

    /// Checks and normalises nothing: that is done where the message is read.
    public init(
        requestID: String, passengerName: String, passengerAge: Int, email: String, destination: String,
        hasPet: Bool = false, hasPromotion: Bool = false, flightID: String? = nil, expiresAt: Timestamp? = nil
    ) {
        self.requestID = requestID
        self.passengerName = passengerName
        self.passengerAge = passengerAge
        self.email = email
        self.destination = destination
        self.hasPet = hasPet
        self.hasPromotion = hasPromotion
        self.flightID = flightID
        self.expiresAt = expiresAt
    }

    /// The e-mail address in the form in which addresses are compared: lower case.
    public var customerKey: String { email.lowercased() }

    /// What a body turned out to be.
    public enum Reading: Sendable, Equatable {
        /// Every rule is kept.
        case valid(BookingRequest)
        /// It can be answered for, and is rejected as `invalid_request`.
        case invalid(InvalidRequest)
    }

    /// Reads a body.
    ///
    /// Throws when there is nobody to answer for: for everything ``JSON/object(_:)`` refuses, and for a request_id
    /// that is missing, no string, empty, too long or of other characters.
    public static func read(_ body: [UInt8]) throws(Unreadable) -> Reading {
        var fields = Fields(try JSON.object(body))
        let requestID = try fields.requestID()
        let contents = BookingContents(&fields, isQuote: false)
        if let request = contents.request(requestID), fields.problems.isEmpty { return .valid(request) }
        return .invalid(InvalidRequest(requestID: requestID, contents: contents, fields: fields))
    }

    /// A stable hash of everything but the request_id, by which a twin with other contents is recognised.
    ///
    /// It is over the normalised fields, so that white space, the order of members, `9.0` for `9`, unknown fields,
    /// another offset of the same time and the case of the e-mail address make no difference. It is stored with the
    /// booking: how it is computed (``ContentHash``) may never change.
    public var contentHash: Int64 { BookingContents(self).hash(invalid: [], in: nil) }

    private enum CodingKeys: String, CodingKey {
        case requestID = "request_id"
        case passengerName = "passenger_name"
        case passengerAge = "passenger_age"
        case email
        case destination
        case hasPet = "has_pet"
        case hasPromotion = "has_promotion"
        case flightID = "flight_id"
        case expiresAt = "expires_at"
    }
}

/// A `booking.request` that breaks a rule but can be answered for.
public struct InvalidRequest: Sendable, Equatable {
    /// The idempotency key, which is usable.
    public let requestID: String
    /// What is wrong, never empty, in the order of the fields in the contract.
    public let problems: [Problem]
    /// Nil when invalid; 1 to 200 code points.
    public let passengerName: String?
    /// Nil when invalid; whole years.
    public let passengerAge: Int?
    /// Nil when invalid; trimmed.
    public let email: String?
    /// Nil when invalid; in NFC.
    public let destination: String?
    /// Nil when invalid, false when nothing was said.
    public let hasPet: Bool?
    /// Nil when invalid, false when nothing was said.
    public let hasPromotion: Bool?
    /// Nil when invalid or absent.
    public let flightID: String?
    /// Nil when invalid or absent.
    public let expiresAt: Timestamp?
    /// As ``BookingRequest/contentHash``, with the raw JSON values of the invalid fields.
    public let contentHash: Int64

    init(requestID: String, contents: BookingContents, fields: Fields) {
        self.requestID = requestID
        problems = fields.problems
        passengerName = contents.passengerName
        passengerAge = contents.passengerAge
        email = contents.email
        destination = contents.destination
        hasPet = contents.hasPet
        hasPromotion = contents.hasPromotion
        flightID = contents.flightID
        expiresAt = contents.expiresAt
        contentHash = contents.hash(invalid: Set(fields.problems.map(\.field)), in: fields.object)
    }
}
