/// The encoder behind ``JSON/encode(_:)``: it writes straight into one buffer.
///
/// Containers that are nested by hand must be finished before their parent goes on, which is how everyone uses them.
final class JSONWriter: Encoder {
    /// Where everything is written.
    var buffer = JSONBuffer()
    /// How many levels were open when the value now being encoded began.
    private var base = 0

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        if isFirstContainer { buffer.openObject() }
        return KeyedEncodingContainer(Keyed<Key>(writer: self, depth: base + 1))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        if isFirstContainer { buffer.openArray() }
        return Unkeyed(writer: self, depth: base + 1)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { Single(writer: self) }

    /// Whether the value now being encoded asks for a container for the first time; later ones go on with the first.
    private var isFirstContainer: Bool {
        buffer.close(to: base + 1)
        return buffer.depth == base
    }

    /// Any value, at the place where the buffer now ends.
    func write<T: Encodable>(_ value: T) throws {
        if let dictionary = value as? any StringKeyed { return try dictionary.writeSorted(to: self) }
        let outer = base
        let start = buffer.bytes.count
        base = buffer.depth
        try value.encode(to: self)
        buffer.close(to: base)
        base = outer
        if buffer.bytes.count == start {
            buffer.openObject()
            buffer.close(to: buffer.depth - 1)
        }
    }
}

/// Dictionaries, whose own order changes from process to process.
private protocol StringKeyed {
    func writeSorted(to writer: JSONWriter) throws
}

extension Dictionary: StringKeyed where Key == String, Value: Encodable {
    fileprivate func writeSorted(to writer: JSONWriter) throws {
        // By bytes: String's own order is that of Unicode's canonical forms.
        let members = sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        try writer.write(SortedMembers(members: members))
    }
}

private struct SortedMembers<Value: Encodable>: Encodable {
    let members: [(key: String, value: Value)]

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Name.self)
        for member in members { try container.encode(member.value, forKey: Name(stringValue: member.key)) }
    }

    struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }

        init?(intValue: Int) { nil }
    }
}
