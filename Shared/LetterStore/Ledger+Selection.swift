import Contract

extension Ledger {
    /// A selection, prepared to be compared with many letters.
    struct Matcher {
        private let ids: Set<LetterID>?
        private let queue: Int32?
        private let reason: Int32?
        private let service: Int32?
        private let group: Int32?
        private let since: Timestamp
        private let until: Timestamp?
        private let text: [UInt8]
        private let status: LetterSelection.Status
        /// Whether it names something that no letter has.
        let isHopeless: Bool

        init(_ selection: LetterSelection, in ledger: borrowing Ledger) {
            ids = selection.ids.map { Set($0.compactMap { LetterID($0) }) }
            queue = selection.queue.map { ledger.names.known($0) ?? -1 }
            reason = selection.reason.map { ledger.names.known($0) ?? -1 }
            service = selection.service.map { ledger.names.known($0) ?? -1 }
            group = selection.group.map { LetterID($0).flatMap { ledger.groupIndex[$0] }.map { Int32($0) } ?? -1 }
            since = selection.since ?? .earliest
            until = selection.until
            text = Array((selection.contains ?? "").utf8)
            status = selection.effectiveStatus
            isHopeless = queue == -1 || reason == -1 || service == -1 || group == -1
        }

        enum Verdict { case yes, no, readBody }

        func judge(_ entry: borrowing Entry, in ledger: borrowing Ledger) -> Verdict {
            guard status.includes(entry.status), entry.at >= since else { return .no }
            if let until, entry.at >= until { return .no }
            if let ids, !ids.contains(entry.id) { return .no }
            if let queue, entry.queue != queue { return .no }
            if let reason, entry.reason != reason { return .no }
            if let service, entry.service != service { return .no }
            if let group, entry.group != group { return .no }
            guard !text.isEmpty else { return .yes }
            for case let place? in [entry.detail, entry.messageID, entry.firstError]
            where occurs(in: ledger.texts[place]) { return .yes }
            guard let place = entry.body else { return entry.bodySize < text.count ? .no : .readBody }
            return occurs(in: ledger.bodies[place]) ? .yes : .no
        }

        /// Whether the text that is looked for occurs in some bytes.
        func occurs(in bytes: some BidirectionalCollection<UInt8>) -> Bool {
            guard let first = text.first else { return true }
            var rest = bytes[...]
            while let place = rest.firstIndex(of: first) {
                rest = rest[place...]
                if rest.starts(with: text) { return true }
                rest = rest.dropFirst()
            }
            return false
        }
    }

    /// What a look at a part of the letters has found.
    struct Scan: Sendable {
        /// Those that match, in the order in which they were looked at.
        var found: [LetterID] = []
        /// Those among them of which the body is to be read first, and the record that has it.
        var unsure: [LetterID: Int] = [:]
        /// The place of the letter after the last that was looked at; `nil` when it was the last of all.
        var next: Int?
    }

    /// Looks at letters, until so many have been found that match, those included whose body is to be read.
    private func scan(_ matcher: Matcher, _ numbers: some Sequence<Int>, limit: Int) -> Scan {
        var scan = Scan()
        guard !matcher.isHopeless else { return scan }
        for number in numbers {
            if scan.found.count == limit {
                scan.next = letters[number].place
                return scan
            }
            switch matcher.judge(letters[number], in: self) {
            case .no: continue
            case .yes: break
            case .readBody: scan.unsure[letters[number].id] = letters[number].bodyRecord
            }
            scan.found.append(letters[number].id)
        }
        return scan
    }

    /// Looks from the letter at a place on to later ones; see ``scan(_:_:limit:)``.
    func scan(_ matcher: Matcher, from place: Int = 0, limit: Int = .max) -> Scan {
        scan(matcher, number(at: place)..<letters.count, limit: limit)
    }

    /// Looks from the letter at a place on to earlier ones, or from the latest on; see ``scan(_:_:limit:)``.
    func scan(_ matcher: Matcher, back place: Int?, limit: Int) -> Scan {
        let end = place.map { number(at: $0 + 1) } ?? letters.count
        return scan(matcher, (0..<end).reversed(), limit: limit)
    }

    /// The number of the first letter at a place of the log or behind it: places stay what they are when letters are forgotten.
    private func number(at place: Int) -> Int {
        var range = letters.startIndex..<letters.endIndex
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            range = letters[middle].place < place ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return range.lowerBound
    }

    /// The numbers that letters have at present: others when some have been forgotten.
    func numbers(of ids: [LetterID]) -> [Int] { ids.compactMap { index[$0] } }

    /// A letter as lists have it.
    func line(_ number: Int) -> LetterLine {
        let entry = letters[number]
        let service = names[entry.service]
        return LetterLine(
            id: entry.id.description, queue: names[entry.queue], reason: names[entry.reason],
            detail: entry.detail.map(text) ?? "",
            at: entry.at, attempts: Int(entry.attempts), status: entry.status,
            group: groups[Int(entry.group)].id.description, service: service.isEmpty ? nil : service,
            messageID: entry.messageID.map(text), exchange: names[entry.exchange], routingKey: names[entry.routingKey],
            firstError: entry.firstError.map(text), firstFailedAt: entry.firstAt, size: Int(entry.bodySize))
    }

    /// The groups of some letters, those with the most unresolved and then the most letters first.
    func summary(of ids: [LetterID], now: Timestamp) -> LetterSummary {
        var found: [Int32: LetterGroup] = [:]
        var queues: [Int32: Set<Int32>] = [:]
        let hour: Int64 = 3_600_000
        for number in numbers(of: ids) {
            let entry = letters[number]
            let group = groups[Int(entry.group)]
            queues[entry.group, default: []].insert(entry.queue)
            var line =
                found[entry.group]
                ?? LetterGroup(
                    id: group.id.description, service: group.service, reason: group.reason, signature: group.signature,
                    queues: [], letters: 0, unresolved: 0, first: entry.at, last: entry.at,
                    trend: [Int](repeating: 0, count: 24), example: entry.id.description)
            line.letters += 1
            line.unresolved += entry.status.isResolved ? 0 : 1
            line.first = min(line.first, entry.at)
            line.last = max(line.last, entry.at)
            let age = max(0, (now.milliseconds - entry.at.milliseconds) / hour)
            if age < 24 { line.trend[23 - Int(age)] += 1 }
            found[entry.group] = line
        }
        let sorted = found.map { number, group in
            var group = group
            group.queues = queues[number, default: []].map { names[$0] }.sorted()
            return group
        }.sorted { ($1.unresolved, $1.letters, $0.id) < ($0.unresolved, $0.letters, $1.id) }
        var counts: [String: Int] = [:]
        for status in LetterStatus.allCases { counts[status.rawValue] = 0 }
        for entry in letters { counts[entry.status.rawValue, default: 0] += 1 }
        return LetterSummary(groups: Array(sorted.prefix(50)), more: max(0, sorted.count - 50), letters: counts)
    }

    /// How far a replay is.
    func report(_ place: Int) -> ReplayReport {
        let replay = replays[place]
        return ReplayReport(
            replay: replay.id, state: replay.state, note: replay.note, letters: replay.count,
            position: replay.position, sent: replay.sent, succeeded: replay.succeeded, failed: replay.failed,
            by: replay.by, why: replay.why, at: replay.at)
    }

    /// What was done with a letter, the last hundred entries.
    func history(_ number: Int) -> [LetterEvent] {
        letters[number].history.suffix(100).map { place in
            let act = acts[Int(place)]
            return LetterEvent(
                what: act.kind.rawValue, at: act.at, by: act.by, why: act.why.map { String($0.prefix(200)) },
                action: act.id.isEmpty ? nil : act.id, undone: act.isUndone ? true : nil)
        }
    }
}
