import Contract

extension Ledger {
    /// Forgets letters that were resolved before a time, and what was done with none but them, replays included. Unresolved letters
    /// are never forgotten.
    /// - Returns: how many letters were forgotten.
    @discardableResult
    mutating func forget(resolvedBefore time: Timestamp) -> Int {
        guard letters.contains(where: { $0.resolvedAt < time }) else { return 0 }
        var kept: [Entry] = []
        var (bodyRoom, textRoom) = (Slab(limit: Self.bodyRoom), Slab(limit: .max))
        var places: [Int32: Int32] = [:]
        var keptActs: [Act] = []
        for var entry in letters where entry.resolvedAt >= time {
            entry.body = entry.body.flatMap { bodyRoom.keep(bodies[$0]) }
            for text in [\Entry.messageID, \Entry.detail, \Entry.firstError] {
                entry[keyPath: text] = entry[keyPath: text].flatMap { textRoom.keep(texts[$0]) }
            }
            entry.history = entry.history.map { place in
                if let known = places[place] { return known }
                keptActs.append(acts[Int(place)])
                places[place] = Int32(keptActs.count - 1)
                return Int32(keptActs.count - 1)
            }
            kept.append(entry)
        }
        let count = letters.count - kept.count
        letters = kept
        index = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1.id, $0) })
        (bodies, texts) = (bodyRoom, textRoom)
        actIndex = actIndex.compactMapValues { places[Int32($0)].map(Int.init) }
        acts = keptActs
        forgetReplays(before: time)
        return count
    }

    private mutating func forgetReplays(before time: Timestamp) {
        let named = Set(letters.map(\.replay))
        var places: [Int32: Int32] = [-1: -1]
        var kept: [Replay] = []
        for (place, replay) in replays.enumerated()
        where replay.state != .finished || replay.at >= time || named.contains(Int32(place)) {
            places[Int32(place)] = Int32(kept.count)
            kept.append(replay)
        }
        replays = kept
        replayIndex = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1.id, $0) })
        for number in letters.indices { letters[number].replay = places[letters[number].replay] ?? -1 }
    }
}
