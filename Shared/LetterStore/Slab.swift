/// Bytes of many small things, kept close together: an array of arrays of bytes, or of texts, costs several times its contents.
struct Slab {
    /// Where something stands.
    struct Place: Sendable {
        fileprivate let chunk: UInt16
        fileprivate let start: UInt32
        fileprivate let count: UInt16
    }

    /// The most bytes of something small.
    static let longest = 4_096
    private static let chunk = 1 << 20
    private var chunks: [[UInt8]] = []
    /// The most chunks that are filled.
    private let limit: Int

    /// - Parameter limit: the most bytes that are kept together, at most 64 GiB.
    init(limit: Int) { self.limit = min(limit / Self.chunk, Int(UInt16.max) + 1) }

    /// Keeps bytes; `nil` where there is no room, or they are too many to be small.
    mutating func keep(_ bytes: some Collection<UInt8>) -> Place? {
        let count = bytes.count
        guard count <= Self.longest else { return nil }
        if (chunks.last.map { $0.count + count > Self.chunk }) ?? true {
            guard chunks.count < limit else { return nil }
            chunks.append([])
            chunks[chunks.count - 1].reserveCapacity(Self.chunk)
        }
        let last = chunks.count - 1
        let start = chunks[last].count
        chunks[last].append(contentsOf: bytes)
        return Place(chunk: UInt16(last), start: UInt32(start), count: UInt16(count))
    }

    /// The bytes of a place.
    subscript(place: Place) -> ArraySlice<UInt8> {
        chunks[Int(place.chunk)][Int(place.start)..<Int(place.start) + Int(place.count)]
    }
}
