extension AMQPMessage {
    /// The most bytes that headers may take: they travel in one frame (131,072 bytes) with the other properties.
    private static let headerLimit = 128_000

    /// Leaves out headers, the largest first, until the rest fits into a frame; else no connection could send it.
    ///
    /// A message may arrive with headers so large that nothing can be added to them.
    /// - Parameter isKept: whether a header must not be left out.
    /// - Returns: the names of those left out.
    public mutating func shedHeaders(except isKept: (String) -> Bool) -> [String] {
        var shed: [String] = []
        var size = headers.encodedSize
        guard size > Self.headerLimit else { return [] }
        let sizes = headers.map { (name: $0.key, size: [$0.key: $0.value].encodedSize) }
        for header in sizes.sorted(by: { $0.size > $1.size }) where size > Self.headerLimit && !isKept(header.name) {
            headers[header.name] = nil
            size -= header.size
            shed.append(header.name)
        }
        return shed
    }
}

extension AMQPTable {
    /// Bytes on the wire, those of its own length left aside.
    fileprivate var encodedSize: Int { reduce(0) { $0 + 1 + $1.key.utf8.count + $1.value.encodedSize } }
}

extension AMQPValue {
    /// Bytes on the wire, that of the kind included.
    fileprivate var encodedSize: Int {
        switch self {
        case .bool: 2
        case .int, .double, .timestamp: 9
        case .decimal: 6
        case .text(let text): 5 + text.utf8.count
        case .bytes(let bytes): 5 + bytes.count
        case .table(let table): 5 + table.encodedSize
        case .array(let values): values.reduce(5) { $0 + $1.encodedSize }
        case .void: 1
        }
    }
}
