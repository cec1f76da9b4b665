/// Bytes of many small things, kept close together: an array of arrays of bytes costs several times its contents.
struct Slab {
    /// Where something stands.
    struct Place {
        fileprivate let start: Int
        fileprivate let count: Int32
    }

    private static let chunk = 1 << 20
    private var chunks: [[UInt8]] = []
    /// The most bytes that are kept.
    private let limit: Int
    private var kept = 0

    init(limit: Int) { self.limit = limit }

    /// Keeps bytes; `nil` where there is no room, or they are too many to be small.
    mutating func keep(_ bytes: [UInt8]) -> Place? {
        guard bytes.count <= 4_096, kept + bytes.count <= limit else { return nil }
        if (chunks.last.map { $0.count + bytes.count > Self.chunk }) ?? true {
            chunks.append([])
            chunks[chunks.count - 1].reserveCapacity(Self.chunk)
        }
        let start = (chunks.count - 1) * Self.chunk + chunks[chunks.count - 1].count
        chunks[chunks.count - 1] += bytes
        kept += bytes.count
        return Place(start: start, count: Int32(bytes.count))
    }

    /// The bytes of a place.
    subscript(place: Place) -> ArraySlice<UInt8> {
        let (chunk, start) = place.start.quotientAndRemainder(dividingBy: Self.chunk)
        return chunks[chunk][start..<start + Int(place.count)]
    }
}
