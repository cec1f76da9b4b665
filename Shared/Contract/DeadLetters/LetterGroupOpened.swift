/// The event `dead-letter.group.opened`: a letter came of a kind of which none is unresolved.
public struct LetterGroupOpened: Codable, Sendable, Equatable {
    /// `dead-letter.group.opened`.
    public private(set) var event = RoutingKey.letterGroupOpened
    /// The same however often it is published; it is the `message_id`.
    public let eventID: String
    /// When the letter was given up.
    public let occurredAt: Timestamp
    /// The group.
    public let group: String
    /// The letter.
    public let letter: String
    /// The queue it came from.
    public let queue: String
    /// The service that gave it up; `nil` where it was none of ours.
    public let service: String?
    /// Why, as one word.
    public let reason: String
    /// What the errors of the group have in common.
    public let signature: String

    /// - Parameters: as the properties of the same names say; `at` is when the letter was given up.
    public init(
        group: String, letter: String, queue: String, service: String?, reason: String, signature: String, at: Timestamp
    ) {
        eventID = "\(group).\(letter).\(at.milliseconds)"
        occurredAt = at
        self.group = group
        self.letter = letter
        self.queue = queue
        self.service = service
        self.reason = reason
        self.signature = signature
    }

    private enum CodingKeys: String, CodingKey {
        case event
        case eventID = "event_id"
        case occurredAt = "occurred_at"
        case group, letter, queue, service, reason, signature
    }
}
