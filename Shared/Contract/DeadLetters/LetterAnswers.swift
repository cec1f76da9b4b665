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
