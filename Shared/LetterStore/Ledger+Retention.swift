import Contract

extension Ledger {
    /// Forgets letters that were resolved before a time, and what was done with none but them. Unresolved letters are never forgotten.
    /// - Returns: how many letters were forgotten.
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
        return count
    }
}
