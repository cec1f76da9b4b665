/// From stats to booking-intake: replay the settled bookings of some parts, the last part first.
public struct FiguresReplay: Codable, Sendable, Equatable {
    /// How many booking numbers a part has; part n begins with the number n times this. So few that one message holds
    /// them, whatever their texts are.
    public static let partSize = 32
    /// Parts of a chunk.
    public static let partsOfChunk = SettledChunk.size / partSize

    /// The generation of the figures that asks; it comes back with every part.
    public let generation: Int
    /// The first part, from 0.
    public let first: Int
    /// The last part, not before the first.
    public let last: Int

    /// A range of parts for a generation.
    public init(generation: Int, first: Int, last: Int) {
        self.generation = generation
        self.first = first
        self.last = last
    }

    /// Reads a body; throws also where the range is none.
    public static func read(_ body: [UInt8]) throws(Unreadable) -> FiguresReplay {
        let replay = try JSON.decode(FiguresReplay.self, from: body)
        guard replay.first >= 0, replay.last >= replay.first, replay.last < Int.max / partSize - 1 else {
            throw Unreadable(.unexpectedFields, "first and last are no range of parts")
        }
        return replay
    }
}

/// `booking.replayed`: the settled bookings of a part, once more, for those who keep figures.
public struct BookingsReplayed: Codable, Sendable, Equatable {
    /// That of the ``FiguresReplay``.
    public let generation: Int
    /// Which part, from 0.
    public let part: Int
    /// The latest outcome of each booking, without names, addresses and problems.
    public let outcomes: [BookingOutcome]

    /// The outcomes of a part.
    public init(generation: Int, part: Int, outcomes: [BookingOutcome]) {
        self.generation = generation
        self.part = part
        self.outcomes = outcomes
    }

    /// Reads a body; throws for amounts outside of ``Contract/amounts`` besides.
    public static func read(_ body: [UInt8]) throws(Unreadable) -> BookingsReplayed {
        let replayed = try JSON.decode(BookingsReplayed.self, from: body)
        guard replayed.part >= 0, replayed.outcomes.allSatisfy(\.isInRange) else {
            throw Unreadable(.unexpectedFields, "a figure is out of range")
        }
        return replayed
    }
}

/// `candy.replayed`: the candies of a replayed part, none where nobody gets any.
public struct CandiesReplayed: Codable, Sendable, Equatable {
    /// That of the ``BookingsReplayed``.
    public let generation: Int
    /// Which part, from 0.
    public let part: Int
    /// The candies of its confirmed bookings.
    public let candies: [CandyAccounted]

    /// The candies of a part.
    public init(generation: Int, part: Int, candies: [CandyAccounted]) {
        self.generation = generation
        self.part = part
        self.candies = candies
    }

    /// Reads a body; throws for amounts outside of ``Contract/amounts`` besides.
    public static func read(_ body: [UInt8]) throws(Unreadable) -> CandiesReplayed {
        let replayed = try JSON.decode(CandiesReplayed.self, from: body)
        guard replayed.part >= 0, replayed.candies.allSatisfy(\.isInRange) else {
            throw Unreadable(.unexpectedFields, "a figure is out of range")
        }
        return replayed
    }
}
