/// Looks now and then what the parts of the system use.
struct PartsRecorder {
    private struct Sizes {
        var before = 0.0
        var most = 0.0
        var after = 0.0
    }
    private let parts: [(name: String, processes: [Int32])]
    private let before: [ProcessTable.Usage]
    private var latest: [ProcessTable.Usage]
    private var sizes: [Sizes]

    init(_ parts: [(name: String, processes: [Int32])]) {
        self.parts = parts
        let table = ProcessTable()
        before = parts.map { table.usage(of: $0.processes) }
        latest = before
        sizes = before.map { usage in
            let size = usage.megabytes.max() ?? 0
            return Sizes(before: size, most: size, after: size)
        }
    }

    mutating func look() {
        let table = ProcessTable()
        latest = parts.map { table.usage(of: $0.processes) }
        for index in parts.indices {
            sizes[index].after = latest[index].megabytes.max() ?? 0
            sizes[index].most = max(sizes[index].most, sizes[index].after)
        }
    }

    /// What they have used since the beginning.
    mutating func parts(requests: Int) -> [Measurement.Part] {
        look()
        return parts.indices.map { index in
            let seconds = latest[index].seconds - before[index].seconds
            return Measurement.Part(
                name: parts[index].name, processes: latest[index].megabytes.count,
                processorMilliseconds: max(0, seconds) / Double(max(1, requests)) * 1_000,
                megabytesBefore: sizes[index].before, megabytesMost: sizes[index].most,
                megabytesAfter: sizes[index].after)
        }
    }
}
