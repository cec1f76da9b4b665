/// A dead letter as lists have it.
public struct LetterLine: Codable, Sendable, Equatable {
    /// The same for the same letter, however often the broker delivers it: 16 hexadecimal digits.
    public var id: String
    /// The queue it came from.
    public var queue: String
    /// Why, as one word such as `not_json_object`.
    public var reason: String
    /// Why, for people.
    public var detail: String
    /// When it was given up.
    public var at: Timestamp
    /// How often it has failed.
    public var attempts: Int
    /// What became of it.
    public var status: LetterStatus
    /// What failed alike has the same group.
    public var group: String
    /// The service that gave it up; `nil` where it was none of ours.
    public var service: String?
    /// Its sender's id.
    public var messageID: String?
    /// The exchange it was published to at first.
    public var exchange: String
    /// The routing key it was published with at first.
    public var routingKey: String
    /// The error of its first failure, where one is known.
    public var firstError: String?
    /// When it first failed.
    public var firstFailedAt: Timestamp
    /// Bytes of its body.
    public var size: Int
    /// The body where it was asked for, is UTF-8 and has room here.
    public var body: String?
    /// The body in base64 where it was asked for, is not UTF-8 and has room here.
    public var bodyBase64: String?

    /// - Parameters: as the properties of the same names say.
    public init(
        id: String, queue: String, reason: String, detail: String, at: Timestamp, attempts: Int, status: LetterStatus,
        group: String, service: String?, messageID: String?, exchange: String, routingKey: String, firstError: String?,
        firstFailedAt: Timestamp, size: Int
    ) {
        self.id = id
        self.queue = queue
        self.reason = reason
        self.detail = detail
        self.at = at
        self.attempts = attempts
        self.status = status
        self.group = group
        self.service = service
        self.messageID = messageID
        self.exchange = exchange
        self.routingKey = routingKey
        self.firstError = firstError
        self.firstFailedAt = firstFailedAt
        self.size = size
    }

    /// Sets the body: as text, or in base64 where it is not UTF-8.
    public mutating func setBody(_ bytes: some Collection<UInt8>) {
        body = String(validating: bytes, as: UTF8.self)
        bodyBase64 = body == nil ? Base64.encode(Array(bytes)) : nil
    }

    /// The body, where it is here.
    public var bytes: [UInt8]? { body.map { Array($0.utf8) } ?? bodyBase64.flatMap { Base64.decode($0) } }

    private enum CodingKeys: String, CodingKey {
        case id, queue, reason, detail, at, attempts, status, group, service
        case messageID = "message_id"
        case exchange
        case routingKey = "routing_key"
        case firstError = "first_error"
        case firstFailedAt = "first_failed_at"
        case size, body
        case bodyBase64 = "body_base64"
    }
}

/// A page of letters, the latest first.
public struct LetterPage: Codable, Sendable, Equatable {
    /// The letters.
    public let letters: [LetterLine]
    /// The place where the next page begins; `nil` for the last.
    public let next: Int?
    /// How many letters there are in all pages; `nil` where that was not counted.
    public let total: Int?
    /// - Parameters: as the properties of the same names say.
    public init(letters: [LetterLine], next: Int?, total: Int?) {
        self.letters = letters
        self.next = next
        self.total = total
    }
}

/// Letters that failed alike.
public struct LetterGroup: Codable, Sendable, Equatable {
    /// By which it is known: 16 hexadecimal digits.
    public var id: String
    /// The service that gave them up; `nil` where it was none of ours.
    public var service: String?
    /// Why, as one word.
    public var reason: String
    /// What their errors have in common: the text with numbers and ids as `#`.
    public var signature: String
    /// The queues they came from.
    public var queues: [String]
    /// How many there are.
    public var letters: Int
    /// How many of them are unresolved.
    public var unresolved: Int
    /// When the first of them was given up.
    public var first: Timestamp
    /// When the last of them was given up.
    public var last: Timestamp
    /// How many were given up in each of the last 24 hours, the present one last.
    public var trend: [Int]
    /// One of them.
    public var example: String

    /// - Parameters: as the properties of the same names say.
    public init(
        id: String, service: String?, reason: String, signature: String, queues: [String], letters: Int,
        unresolved: Int, first: Timestamp, last: Timestamp, trend: [Int], example: String
    ) {
        self.id = id
        self.service = service
        self.reason = reason
        self.signature = signature
        self.queues = queues
        self.letters = letters
        self.unresolved = unresolved
        self.first = first
        self.last = last
        self.trend = trend
        self.example = example
    }
}

/// The groups of a selection, those with the most letters first.
public struct LetterSummary: Codable, Sendable, Equatable {
    /// The groups, at most 50.
    public let groups: [LetterGroup]
    /// How many groups there are besides.
    public let more: Int
    /// How many letters of each status the store has; a selection changes nothing about these.
    public let letters: [String: Int]
    /// - Parameters: as the properties of the same names say.
    public init(groups: [LetterGroup], more: Int, letters: [String: Int]) {
        self.groups = groups
        self.more = more
        self.letters = letters
    }
}
