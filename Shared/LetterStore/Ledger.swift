import AMQP
import Contract
import Runtime

/// What the log says, as far as it has been read: every letter, what became of it, and the replays.
///
/// It is a function of the log alone, so that all replicas of the service agree.
public struct Ledger: Sendable {
    var letters: [Entry] = []
    var index: [LetterID: Int] = [:]
    var groups: [Group] = []
    var groupIndex: [LetterID: Int] = [:]
    var replays: [Replay] = []
    var replayIndex: [String: Int] = [:]
    var acts: [Act] = []
    var actIndex: [String: Int] = [:]
    var names = Names()
    var bodies = Slab(limit: Ledger.bodyRoom)
    var texts = Slab(limit: .max)

    /// Bodies up to so many bytes are kept in memory, those of small letters that came first; others are read from the stream.
    static let bodyRoom = 32 << 20

    /// The stream that it is read from.
    let store: Store
    /// The place behind the last entry, where there will be no more: the letters are on their way into another stream.
    var end: Int?
    /// What has been read of a letter that was copied from another stream.
    var parts: [(place: Int, body: [UInt8])] = []

    /// Nothing.
    init(_ store: Store = Store(after: "")) { self.store = store }

    /// A letter.
    struct Entry: Sendable {
        let id: LetterID
        /// Where the letters' order has it: the place of its first record, in whichever stream that was.
        let place: Int
        /// The record that has the body it came with, which is never changed.
        let original: Int
        /// The record that has the message as it came last.
        var message: Int
        /// The record that has the body: the message's, or an edit's.
        var bodyRecord: Int
        var body: Slab.Place?
        var bodySize: Int32
        let originalSize: Int32
        var queue: Int32 = 0
        var reason: Int32 = 0
        var service: Int32 = 0
        var exchange: Int32 = 0
        var routingKey: Int32 = 0
        var group: Int32 = 0
        var attempts: Int32 = 0
        var firstAt = Timestamp.earliest
        var at = Timestamp.earliest
        var messageID: Slab.Place?
        var detail: Slab.Place?
        var firstError: Slab.Place?
        var status = LetterStatus.open
        var resolvedAt = Timestamp.latest
        /// The latest replay that sent it; -1 for none.
        var replay: Int32 = -1
        var history: [Int32] = []
    }

    /// Letters that failed alike.
    struct Group: Sendable {
        let id: LetterID
        let service: String?
        let reason: String
        let signature: String
        /// Letters of it that are not resolved.
        var unresolved = 0
        /// The letter that came when there was no unresolved one.
        var openedBy: LetterID
    }

    /// Something that was done, or happened.
    struct Act: Codable, Sendable {
        enum Kind: String, Codable { case discarded, edited, sent, replayed, failed, lost, returned, restored }
        let kind: Kind
        let id: String
        let at: Timestamp
        var by: String?
        var why: String?
        var affected = 0
        var isUndone = false
        /// Edits: the record with the new body. Undone: what body there was before is found in earlier ones.
        var record = -1
        var size: Int32 = 0
        var letter: LetterID?

        /// Another stream has the record elsewhere.
        private enum CodingKeys: CodingKey { case kind, id, at, by, why, affected, isUndone, size, letter }

        /// Whether something that a replay did to another letter differs in nothing that people look at.
        func isLike(_ other: Act) -> Bool {
            kind == other.kind && id == other.id && !id.isEmpty && (kind == .sent || kind == .replayed)
                && other.at >= at && other.at.milliseconds - at.milliseconds < 1_000
        }
    }

    /// What came of an entry of the log.
    public struct Outcome: Sendable {
        /// How many letters it concerned.
        public var affected = 0
        /// Why it has no effect.
        public var refusal: CommandReply?
        /// The group that has its first unresolved letter by this.
        public var opened: OpenedGroup?
        /// The step that a replay may go on with.
        public var next: ReplayStep?
        /// The letters that a step sends.
        public var sent: [LetterID] = []
        /// Whether a letter is not known already.
        public var isNew = false

        static func refused(_ code: CommandReply.Code, _ detail: String) -> Outcome {
            Outcome(refusal: .failed(code, detail))
        }
    }

    /// A group that has its first unresolved letter.
    public struct OpenedGroup: Sendable {
        /// The group.
        public let id: LetterID
        /// Its first letter.
        public let letter: LetterID
        /// The queue of that letter.
        public let queue: String
        /// The service that gave it up.
        public let service: String?
        /// Why.
        public let reason: String
        /// What the errors have in common.
        public let signature: String
        /// When the letter was given up.
        public let at: Timestamp
    }

    /// A step of a replay, by its number.
    public struct ReplayStep: Sendable {
        /// The replay.
        public let replay: String
        /// Counted from 0.
        public let number: Int
        /// - Parameters: as the properties of the same names say.
        public init(replay: String, number: Int) {
            self.replay = replay
            self.number = number
        }
    }

    /// Takes the next entry of the log.
    /// - Parameter offset: its place.
    /// - Returns: what came of it; `nil` where it stands behind the end of the log, and is void.
    mutating func apply(_ record: LogRecord, offset: Int) -> Outcome? {
        if end != nil, record.kind != .marker { return nil }
        return switch record.kind {
        case .letter: take(record, offset)
        case .replayed: tookEffect(record)
        case .discard: discard(record)
        case .edit: edit(record, offset)
        case .undo: undo(record)
        case .replay: order(record)
        case .step: step(record)
        case .lost: lose(record)
        case .pause, .resume: control(record)
        case .marker: Outcome()
        case .seal: seal(record, offset)
        case .keptAct: takeAct(record)
        case .keptReplay: takeReplay(record)
        case .part: takePart(record, offset)
        case .kept: takeKept(record)
        }
    }

    /// Adds to the history of a letter.
    mutating func note(_ act: Act, on number: Int) {
        // What happened to many within a second is one and the same: a hundred thousand would take much room.
        let isShared = acts.last.map { $0.isLike(act) } ?? false
        if !isShared { acts.append(act) }
        letters[number].history.append(Int32(acts.count - 1))
    }

    /// Keeps a text, of which more than ``Slab/longest`` bytes are too many.
    mutating func keep(_ text: String) -> Slab.Place? { texts.keep(text.utf8.prefix(Slab.longest)) }

    func text(_ place: Slab.Place) -> String { String(decoding: texts[place], as: UTF8.self) }

    /// Gives a letter another status.
    mutating func set(_ status: LetterStatus, of number: Int, at time: Timestamp) {
        let change = (status.isResolved ? 0 : 1) - (letters[number].status.isResolved ? 0 : 1)
        groups[Int(letters[number].group)].unresolved += change
        letters[number].status = status
        letters[number].resolvedAt = status.isResolved ? time : .latest
    }
}

/// Texts that occur often, by number.
struct Names: Sendable {
    private var texts: [String] = []
    private var numbers: [String: Int32] = [:]

    mutating func number(_ text: String) -> Int32 {
        if let number = numbers[text] { return number }
        texts.append(text)
        numbers[text] = Int32(texts.count - 1)
        return Int32(texts.count - 1)
    }

    func known(_ text: String) -> Int32? { numbers[text] }
    subscript(number: Int32) -> String { texts[Int(number)] }
}
