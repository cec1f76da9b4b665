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
