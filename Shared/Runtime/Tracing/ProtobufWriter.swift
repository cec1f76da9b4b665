/// Writes Protocol Buffers, as much of them as OTLP needs. What has its default value is left out.
struct ProtobufWriter {
    private(set) var bytes: [UInt8] = []

    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    private mutating func tag(_ field: Int, _ type: UInt64) { varint(UInt64(field) << 3 | type) }

    /// An integer, Boolean or enumeration.
    mutating func integer(_ field: Int, _ value: Int64) {
        tag(field, 0)
        varint(UInt64(bitPattern: value))
    }

    /// A `fixed64` or a `double`'s bits.
    mutating func fixed64(_ field: Int, _ value: UInt64) {
        tag(field, 1)
        withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
    }

    /// Bytes of a known length.
    mutating func bytes(_ field: Int, _ value: some Collection<UInt8>) {
        tag(field, 2)
        varint(UInt64(value.count))
        bytes += value
    }

    /// An id, the most significant byte first.
    mutating func id(_ field: Int, _ value: some FixedWidthInteger & Sendable) {
        withUnsafeBytes(of: value.bigEndian) { bytes(field, $0) }
    }

    /// Text.
    mutating func text(_ field: Int, _ value: String) { bytes(field, value.utf8) }

    /// A message within the message.
    mutating func message(_ field: Int, _ write: (inout ProtobufWriter) -> Void) {
        var inner = ProtobufWriter()
        write(&inner)
        bytes(field, inner.bytes)
    }
}
