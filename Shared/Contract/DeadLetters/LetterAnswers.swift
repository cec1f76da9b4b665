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

/// Something that was done with a letter, or happened to it.
public struct LetterEvent: Codable, Sendable, Equatable {
    /// `discarded`, `edited`, `restored` (an undo), `sent`, `replayed`, `failed` (in a replay), `returned` (it failed anew).
    public let what: String
    /// When.
    public let at: Timestamp
    /// Who did it.
    public let by: String?
    /// Why, or what it failed with.
    public let why: String?
    /// The action, which `undo` takes; for `sent`, `replayed` and `failed` the replay.
    public let action: String?
    /// Whether it was taken back.
    public let undone: Bool?
    /// - Parameters: as the properties of the same names say.
    public init(what: String, at: Timestamp, by: String?, why: String?, action: String?, undone: Bool?) {
        self.what = what
        self.at = at
        self.by = by
        self.why = why
        self.action = action
        self.undone = undone
    }
}

/// One letter with everything that is known of it.
public struct LetterDetail: Codable, Sendable, Equatable {
    /// The letter, with its body where that has room.
    public var letter: LetterLine
    /// Its headers and properties as text, each cut off at 500 characters.
    public var headers: [String: String]
    /// What is wrong with the fields of its body as it is now.
    public var problems: [Problem]
    /// What was done with it and happened to it, oldest first; of more than 100 the last.
    public var history: [LetterEvent]
    /// The body as it first came, where it was edited since and has room.
    public var original: String?
    /// - Parameters: as the properties of the same names say.
    public init(
        letter: LetterLine, headers: [String: String], problems: [Problem], history: [LetterEvent], original: String?
    ) {
        self.letter = letter
        self.headers = headers
        self.problems = problems
        self.history = history
        self.original = original
    }
}

/// A piece of the JSON lines of letters.
public struct LetterExport: Codable, Sendable, Equatable {
    /// The text, which may end within a line.
    public let lines: String
    /// `after` of the next question; `nil` where this was the last piece.
    public let next: Int?
    /// `skip` of the next question.
    public let skip: Int?
    /// - Parameters: as the properties of the same names say.
    public init(lines: String, next: Int?, skip: Int?) {
        self.lines = lines
        self.next = next
        self.skip = skip
    }
}

/// What an edit, a discard or an undo did.
public struct LetterAction: Codable, Sendable, Equatable {
    /// True.
    public let ok: Bool
    /// By which it is known, and taken back.
    public let action: String
    /// How many letters it concerned.
    public let letters: Int
    /// - Parameters: as the properties of the same names say.
    public init(action: String, letters: Int) {
        ok = true
        self.action = action
        self.letters = letters
    }
}

/// How far a replay is.
public struct ReplayReport: Codable, Sendable, Equatable {
    /// By which it is known.
    public var replay: String
    /// What it is doing.
    public var state: ReplayState
    /// Why it is stopped.
    public var note: String?
    /// How many letters it is of.
    public var letters: Int
    /// How many it has dealt with: sent, or passed over because they were not open any more.
    public var position: Int
    /// How many it has sent.
    public var sent: Int
    /// How many of those took effect.
    public var succeeded: Int
    /// How many of those failed again.
    public var failed: Int
    /// Who ordered it.
    public var by: String?
    /// Why.
    public var why: String?
    /// When.
    public var at: Timestamp
    /// - Parameters: as the properties of the same names say.
    public init(
        replay: String, state: ReplayState, note: String?, letters: Int, position: Int, sent: Int, succeeded: Int,
        failed: Int, by: String?, why: String?, at: Timestamp
    ) {
        self.replay = replay
        self.state = state
        self.note = note
        self.letters = letters
        self.position = position
        self.sent = sent
        self.succeeded = succeeded
        self.failed = failed
        self.by = by
        self.why = why
        self.at = at
    }
}

/// Replays, the latest first, at most 50.
public struct ReplayList: Codable, Sendable, Equatable {
    /// The replays.
    public let replays: [ReplayReport]
    /// - Parameters: as the properties of the same names say.
    public init(replays: [ReplayReport]) { self.replays = replays }
}

/// What a replay would do.
public struct ReplayPlan: Codable, Sendable, Equatable {
    /// Letters of one queue.
    public struct Share: Codable, Sendable, Equatable {
        /// The queue that they would be sent to.
        public let queue: String
        /// How many there are.
        public let letters: Int
        /// - Parameters: as the properties of the same names say.
        public init(queue: String, letters: Int) {
            self.queue = queue
            self.letters = letters
        }
    }
    /// How many letters would be sent.
    public let letters: Int
    /// Where to.
    public let queues: [Share]
    /// Those that can't be sent, since their queue is none of Caramelo's.
    public let refused: [Share]
    /// - Parameters: as the properties of the same names say.
    public init(letters: Int, queues: [Share], refused: [Share]) {
        self.letters = letters
        self.queues = queues
        self.refused = refused
    }
}
