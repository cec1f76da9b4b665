import Contract

/// Two bodies line by line.
struct BodyDiff {
    /// What became of a line.
    enum Change: String { case kept, removed, added }

    /// Of longer bodies every line counts as changed: to compare them would take minutes.
    private static let mostLines = 2_000
    /// The lines of both, in their order.
    let lines: [(change: Change, text: String)]

    init(old: [UInt8], new: [UInt8]) {
        let (before, after) = (Self.lines(old), Self.lines(new))
        var removed: [Int: String] = [:]
        var inserted: [Int: String] = [:]
        if max(before.count, after.count) > Self.mostLines {
            removed = Dictionary(uniqueKeysWithValues: before.enumerated().map { ($0, $1) })
            inserted = Dictionary(uniqueKeysWithValues: after.enumerated().map { ($0, $1) })
        } else {
            for change in after.difference(from: before) {
                switch change {
                case .remove(let offset, let line, _): removed[offset] = line
                case .insert(let offset, let line, _): inserted[offset] = line
                }
            }
        }
        var lines: [(Change, String)] = []
        var (left, right) = (0, 0)
        while left < before.count || right < after.count {
            if let line = removed[left] {
                lines.append((.removed, line))
                left += 1
            } else if let line = inserted[right] {
                lines.append((.added, line))
                right += 1
            } else {
                lines.append((.kept, before[left]))
                (left, right) = (left + 1, right + 1)
            }
        }
        self.lines = lines
    }

    private static func lines(_ body: [UInt8]) -> [String] {
        let text = JSON.readable(body) ?? String(decoding: body, as: UTF8.self)
        return text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
}
