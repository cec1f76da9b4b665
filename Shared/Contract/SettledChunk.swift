/// Counts and sums of the settled bookings of one chunk of booking numbers, which booking-intake and stats compare.
///
/// The remainders keep sums of a whole chunk exact where numbers are doubles (Lua), and still tell other bookings with
/// the same numbers apart.
public struct SettledChunk: Codable, Sendable, Equatable {
    /// How many booking numbers a chunk has; chunk n begins with the number n times this.
    public static let size = 32_768
    /// What prices and times are divided by.
    public static let divisor = 4_294_967_296

    /// From 0.
    public let chunk: Int
    /// Bookings that were confirmed, cancelled ones included.
    public let confirmed: Int
    /// Rejected requests.
    public let rejected: Int
    /// Cancelled bookings.
    public let cancelled: Int
    /// The sum of the total prices, of each the remainder by ``divisor``.
    public let prices: Int
    /// The sum of the times of outcomes and cancellations in milliseconds since 1970, of each the remainder.
    public let times: Int
    /// The latest of these times; nil where nothing is settled, and where it isn't known.
    public let changedAt: Timestamp?
    /// How many passengers of each age, from 0 up, have a confirmed booking that isn't cancelled.
    public let ages: [Int]
    /// When the first of those bookings was confirmed; nil where there is none.
    public let confirmedFrom: Timestamp?

    /// A chunk's counts and sums.
    public init(
        chunk: Int, confirmed: Int, rejected: Int, cancelled: Int, prices: Int, times: Int, changedAt: Timestamp? = nil,
        ages: [Int] = [], confirmedFrom: Timestamp? = nil
    ) {
        self.chunk = chunk
        self.confirmed = confirmed
        self.rejected = rejected
        self.cancelled = cancelled
        self.prices = prices
        self.times = times
        self.changedAt = changedAt
        self.ages = ages
        self.confirmedFrom = confirmedFrom
    }

    /// How many of these passengers are younger than `age`.
    public func passengers(youngerThan age: Int) -> Int { ages.prefix(age).reduce(0, +) }

    /// Whether the same bookings are settled in the same way here and there.
    public func agrees(with other: SettledChunk) -> Bool {
        chunk == other.chunk && confirmed == other.confirmed && rejected == other.rejected
            && cancelled == other.cancelled && prices == other.prices && times == other.times
    }

    private enum CodingKeys: String, CodingKey {
        case chunk
        case confirmed
        case rejected
        case cancelled
        case prices
        case times
        case changedAt = "changed_at"
        case ages
        case confirmedFrom = "confirmed_from"
    }
}

/// From booking-intake to stats, every few seconds: how much is settled; and once more by way of candy-accounting.
public struct FiguresCheckpoint: Codable, Sendable, Equatable {
    /// Grows by one with each checkpoint.
    public let checkpoint: Int
    /// By the database's clock, before anything was counted.
    public let madeAt: Timestamp
    /// The highest booking number there is, 0 for none.
    public let lastBooking: Int
    /// How many events waited then for stats or for candy-accounting, the greater number.
    public let eventsWaiting: Int
    /// The newest chunk, and another one in turn.
    public let chunks: [SettledChunk]
    /// Passengers younger than this get candies: what candy-accounting adds.
    public var candyMaxAge: Int?

    /// A checkpoint.
    public init(
        checkpoint: Int, madeAt: Timestamp, lastBooking: Int, eventsWaiting: Int, chunks: [SettledChunk]
    ) {
        self.checkpoint = checkpoint
        self.madeAt = madeAt
        self.lastBooking = lastBooking
        self.eventsWaiting = eventsWaiting
        self.chunks = chunks
    }

    private enum CodingKeys: String, CodingKey {
        case checkpoint
        case madeAt = "made_at"
        case lastBooking = "last_booking"
        case eventsWaiting = "events_waiting"
        case chunks
        case candyMaxAge = "candy_max_age"
    }
}

/// The query `query.settled`, which `stats verify` asks.
public struct SettledQuery: Codable, Sendable, Equatable {
    /// From 0.
    public let chunk: Int

    /// Checks nothing: the fields are checked where the message is read.
    public init(chunk: Int) { self.chunk = chunk }

    /// Reads a body.
    public static func read(_ body: [UInt8]) throws(CommandError) -> SettledQuery {
        var fields = try Fields.of(body)
        return SettledQuery(chunk: try fields.only("chunk", Rules.chunk))
    }
}

/// The answer to `query.settled`.
public struct SettledAnswer: Codable, Sendable, Equatable {
    /// The highest booking number there is, 0 for none.
    public let lastBooking: Int
    /// The chunk asked for.
    public let settled: SettledChunk

    /// A chunk as it is now.
    public init(lastBooking: Int, settled: SettledChunk) {
        self.lastBooking = lastBooking
        self.settled = settled
    }

    private enum CodingKeys: String, CodingKey {
        case lastBooking = "last_booking"
        case settled
    }
}
