import Contract

extension Ledger {
    /// A selection, prepared to be compared with many letters.
    struct Matcher {
        private let ids: Set<LetterID>?
        private let queue: Int32?
        private let reason: Int32?
        private let service: Int32?
        private let group: Int?
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
            group = selection.group.map { text in LetterID(text).flatMap { ledger.groupIndex[$0] } ?? -1 }
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
            if occurs(in: entry.detail.utf8) || occurs(in: (entry.messageID ?? "").utf8) { return .yes }
            if let first = entry.firstError, occurs(in: first.utf8) { return .yes }
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
        /// Those that match, in their order.
        var found: [Int] = []
        /// Those of which the body is to be read first, and the record that has it.
        var unsure: [(number: Int, record: Int)] = []
        /// The letter after the last that was looked at; `nil` when it was the last of all.
        var next: Int?
    }

    /// Looks for letters that match, from a place on, until so many have been found, those included whose body is to be read.
    func scan(_ matcher: Matcher, from start: Int, limit: Int) -> Scan {
        var scan = Scan()
        guard !matcher.isHopeless else { return scan }
        var number = start
        while number < letters.count {
            if scan.found.count + scan.unsure.count == limit {
                scan.next = number
                return scan
            }
            switch matcher.judge(letters[number], in: self) {
            case .yes: scan.found.append(number)
            case .readBody: scan.unsure.append((number, letters[number].bodyRecord))
            case .no: break
            }
            number += 1
        }
        return scan
    }

    /// A letter as lists have it.
    func line(_ number: Int) -> LetterLine {
        let entry = letters[number]
        let service = names[entry.service]
        return LetterLine(
            id: entry.id.description, queue: names[entry.queue], reason: names[entry.reason], detail: entry.detail,
            at: entry.at, attempts: Int(entry.attempts), status: entry.status,
            group: groups[entry.group].id.description, service: service.isEmpty ? nil : service,
            messageID: entry.messageID, exchange: names[entry.exchange], routingKey: names[entry.routingKey],
            firstError: entry.firstError, firstFailedAt: entry.firstAt, size: Int(entry.bodySize))
    }

    /// The groups of some letters, those with the most unresolved and then the most letters first.
    func summary(of numbers: [Int], now: Timestamp) -> LetterSummary {
        var found: [Int: LetterGroup] = [:]
        var queues: [Int: Set<Int32>] = [:]
        let hour: Int64 = 3_600_000
        for number in numbers {
            let entry = letters[number]
            let group = groups[entry.group]
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
            replay: replay.id, state: replay.state, note: replay.note, letters: replay.letters.count,
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
