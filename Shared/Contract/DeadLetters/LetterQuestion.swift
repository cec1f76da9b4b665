/// What became of a dead letter.
public enum LetterStatus: String, Codable, Sendable, CaseIterable {
    /// Nothing yet.
    case open
    /// It was sent back to its queue, and is not heard of yet.
    case replaying
    /// It was sent back, and took effect.
    case replayed
    /// Somebody said that it is of no use.
    case discarded

    /// Whether nothing is left to be done about it.
    public var isResolved: Bool { self == .replayed || self == .discarded }
}

/// What a replay is doing.
public enum ReplayState: String, Codable, Sendable, CaseIterable {
    /// It sends letters, or waits to hear of them.
    case running
    /// It sends no more until it is resumed: somebody said so, or letters failed again.
    case stopped
    /// All of its letters were sent and heard of.
    case finished
}

/// The routing keys of questions and commands about dead letters.
public enum LetterOperation: String, Sendable, CaseIterable {
    /// The letters of a selection, the latest first, a page at a time: answered by a ``LetterPage``.
    case list
    /// Letters that failed alike, counted: a ``LetterSummary``.
    case summary
    /// One letter with everything that is known of it: a ``LetterDetail``.
    case show
    /// Letters whole, as JSON lines, a piece at a time: a ``LetterExport``.
    case export
    /// Sends letters back to the queues they came from: a ``ReplayReport``, or for a dry run a ``ReplayPlan``.
    case replay
    /// The replays, the latest first: a ``ReplayList``.
    case replays
    /// Stops a replay: a ``ReplayReport``.
    case pause
    /// Goes on with a stopped replay: a ``ReplayReport``.
    case resume
    /// Gives a letter another body: a ``LetterAction``.
    case edit
    /// Marks letters as of no use: a ``LetterAction``.
    case discard
    /// Takes a discard or an edit back: a ``LetterAction``.
    case undo

    /// Such as `dead-letter.list`.
    public var routingKey: String { "dead-letter." + rawValue }

    /// The operation of a routing key.
    public init?(routingKey: String) {
        guard routingKey.hasPrefix("dead-letter.") else { return nil }
        self.init(rawValue: String(routingKey.dropFirst("dead-letter.".count)))
    }
}

/// Which letters are meant: those that everything said here is true of.
public struct LetterSelection: Sendable, Equatable {
    /// Those of these statuses.
    public enum Status: String, Sendable, CaseIterable {
        case open, replaying, replayed, discarded
        /// Open and replaying.
        case unresolved
        case all

        /// Whether a letter of that status is meant.
        public func includes(_ status: LetterStatus) -> Bool {
            switch self {
            case .unresolved: !status.isResolved
            case .all: true
            case .open, .replaying, .replayed, .discarded: rawValue == status.rawValue
            }
        }
    }

    /// These; whatever their status, unless that is said, too.
    public var ids: [String]?
    /// The queue they came from.
    public var queue: String?
    /// Why they were given up.
    public var reason: String?
    /// The service that gave them up.
    public var service: String?
    /// Those that failed alike.
    public var group: String?
    /// Given up at this time or later.
    public var since: Timestamp?
    /// Given up before this time.
    public var until: Timestamp?
    /// A text that occurs in the body, the error or the message's id; case matters.
    public var contains: String?
    /// By default unresolved ones.
    public var status: Status?

    /// Every unresolved letter.
    public init() {}

    /// Whether anything narrows it down.
    public var isNarrow: Bool { self != LetterSelection() }

    /// The status that is meant where none is said.
    public var effectiveStatus: Status { status ?? (ids == nil ? .unresolved : .all) }
}

/// The body of every question and command about dead letters: each operation reads the fields that it needs.
public struct LetterQuestion: Encodable, Sendable, Equatable {
    /// How a replay goes on.
    public enum Pace: String, Sendable, CaseIterable {
        /// 1, 2, 5, 20, 100, then 500 at a time, each when all before have taken effect.
        case canary
        /// As fast as the rate allows.
        case all
    }

    /// Which letters.
    public var selection = LetterSelection()
    /// Which letter.
    public var id: String?
    /// `list`, `export`: go on at this place, which the last answer named.
    public var after: Int?
    /// `export`: go on at this byte of the next letter, which the last answer named.
    public var skip: Int?
    /// `list`: the most letters; 1 to 1000.
    public var limit: Int?
    /// `list`: whether the bodies are wanted.
    public var bodies: Bool?
    /// Who does it: 1 to 100 characters.
    public var by: String?
    /// Why; needed to discard.
    public var why: String?
    /// `undo`: the action to be taken back.
    public var action: String?
    /// `edit`: the new body as text.
    public var body: String?
    /// `edit`: the new body in base64, where it is not UTF-8.
    public var bodyBase64: String?
    /// `edit`: keep a body that is not valid.
    public var anyway: Bool?
    /// `replay`: by default a canary.
    public var pace: Pace?
    /// `replay`: letters a second at most.
    public var rate: Int?
    /// `replay`: how many may fail again before it stops; 0 by default.
    public var mostFailures: Int?
    /// `replay`: only say what would be done.
    public var dryRun: Bool?
    /// `pause`, `resume`, `replays`: the replay.
    public var replay: String?

    /// A question without fields.
    public init() {}

    /// Reads a body.
    public static func read(_ body: [UInt8]) throws(CommandError) -> LetterQuestion {
        var fields = try Fields.of(body)
        var question = LetterQuestion()
        question.selection.ids = fields.optional("ids", Rules.letterIDs)
        question.selection.queue = fields.optional("queue", Rules.name)
        question.selection.reason = fields.optional("reason", Rules.name)
        question.selection.service = fields.optional("service", Rules.name)
        question.selection.group = fields.optional("group", Rules.letterID)
        question.selection.since = fields.optional("since", Rules.time)
        question.selection.until = fields.optional("until", Rules.time)
        question.selection.contains = fields.optional("contains", Rules.name)
        question.selection.status = fields.optional("status", .oneOf())
        question.id = fields.optional("id", Rules.letterID)
        question.after = fields.optional("after", Rules.place)
        question.skip = fields.optional("skip", Rules.place)
        question.limit = fields.optional("limit", .integer(1...1_000))
        question.bodies = fields.optional("bodies", Rules.flag)
        question.by = fields.optional("by", .text(1...100))
        question.why = fields.optional("why", .text(1...500))
        question.action = fields.optional("action", Rules.name)
        question.body = fields.optional("body", Rules.anyText)
        question.bodyBase64 = fields.optional("body_base64", Rules.anyText)
        question.anyway = fields.optional("anyway", Rules.flag)
        question.pace = fields.optional("pace", .oneOf())
        question.rate = fields.optional("rate", .integer(1...100_000))
        question.mostFailures = fields.optional("most_failures", .integer(0...1_000_000))
        question.dryRun = fields.optional("dry_run", Rules.flag)
        question.replay = fields.optional("replay", Rules.name)
        return try fields.result(question)
    }

    private enum CodingKeys: String, CodingKey {
        case ids, queue, reason, service, group, since, until, contains, status, id, after, skip, limit, bodies, by, why
        case action, body
        case bodyBase64 = "body_base64"
        case anyway, pace, rate
        case mostFailures = "most_failures"
        case dryRun = "dry_run"
        case replay
    }

    /// Encodes what is said.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(selection.ids, forKey: .ids)
        try container.encodeIfPresent(selection.queue, forKey: .queue)
        try container.encodeIfPresent(selection.reason, forKey: .reason)
        try container.encodeIfPresent(selection.service, forKey: .service)
        try container.encodeIfPresent(selection.group, forKey: .group)
        try container.encodeIfPresent(selection.since, forKey: .since)
        try container.encodeIfPresent(selection.until, forKey: .until)
        try container.encodeIfPresent(selection.contains, forKey: .contains)
        try container.encodeIfPresent(selection.status?.rawValue, forKey: .status)
        try container.encodeIfPresent(id, forKey: .id)
        try container.encodeIfPresent(after, forKey: .after)
        try container.encodeIfPresent(skip, forKey: .skip)
        try container.encodeIfPresent(limit, forKey: .limit)
        try container.encodeIfPresent(bodies, forKey: .bodies)
        try container.encodeIfPresent(by, forKey: .by)
        try container.encodeIfPresent(why, forKey: .why)
        try container.encodeIfPresent(action, forKey: .action)
        try container.encodeIfPresent(body, forKey: .body)
        try container.encodeIfPresent(bodyBase64, forKey: .bodyBase64)
        try container.encodeIfPresent(anyway, forKey: .anyway)
        try container.encodeIfPresent(pace?.rawValue, forKey: .pace)
        try container.encodeIfPresent(rate, forKey: .rate)
        try container.encodeIfPresent(mostFailures, forKey: .mostFailures)
        try container.encodeIfPresent(dryRun, forKey: .dryRun)
        try container.encodeIfPresent(replay, forKey: .replay)
    }
}

extension Rules {
    static let letterID = Rule<String>(expectation: "16 hexadecimal digits") {
        $0.string.flatMap { $0.utf8.count == 16 && UInt64($0, radix: 16) != nil ? $0 : nil }
    }
    static let letterIDs = Rule<[String]>(expectation: "a list of ids, each of 16 hexadecimal digits") { value in
        guard let values = value.array else { return nil }
        let ids = values.compactMap(letterID.read)
        return ids.count == values.count ? ids : nil
    }
    static let name = Rule.text(1...255)
    static let anyText = Rule<String>(expectation: "text") { $0.string }
    static let place = Rule.integer(0...Int.max)
}

extension Rule where Value: CaseIterable & RawRepresentable, Value.RawValue == String {
    static func oneOf() -> Rule {
        Rule(expectation: "one of " + Value.allCases.map(\.rawValue).joined(separator: ", ")) {
            $0.string.flatMap(Value.init(rawValue:))
        }
    }
}
