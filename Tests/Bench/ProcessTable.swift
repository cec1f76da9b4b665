import Foundation

/// What the machine's processes have used until now, by /proc.
struct ProcessTable: Sendable {
    /// What some processes, with all below them, have used.
    struct Usage: Sendable {
        /// Processor time in seconds, that of children that have ended included.
        var seconds = 0.0
        /// What each has allocated itself (RssAnon), in megabytes; the program and its libraries are not counted.
        var megabytes: [Double] = []
    }

    private struct Entry {
        let parent: Int32
        let ticks: Int
    }
    private var entries: [Int32: Entry] = [:]
    private var children: [Int32: [Int32]] = [:]

    /// The table as it is now.
    init() {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
            guard let id = Int32(name), let stat = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8),
                let end = stat.lastIndex(of: ")")
            else { continue }
            // State, parent, …; the name before them may contain anything.
            let fields = stat[stat.index(after: end)...].split(separator: " ")
            guard fields.count > 14, let parent = Int32(fields[1]) else { continue }
            entries[id] = Entry(parent: parent, ticks: fields[11...14].reduce(0) { $0 + (Int($1) ?? 0) })
            children[parent, default: []].append(id)
        }
    }

    /// What processes and all below them have used; of this process, which has started the services, itself alone.
    func usage(of roots: [Int32]) -> Usage {
        var usage = Usage()
        var left = roots
        while let id = left.popLast() {
            guard let entry = entries[id] else { continue }
            usage.seconds += Double(entry.ticks) / Double(sysconf(Int32(_SC_CLK_TCK)))
            if let size = Self.ownMegabytes(id) { usage.megabytes.append(size) }
            if id != getpid() { left += children[id] ?? [] }
        }
        return usage
    }

    private static func ownMegabytes(_ id: Int32) -> Double? {
        let status = try? String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8)
        let line = status?.split(separator: "\n").first { $0.hasPrefix("RssAnon:") }
        return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Double($0) }.map { $0 / 1_024 }
    }
}
