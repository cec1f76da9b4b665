extension JSONWriter {
    /// Begins an object inside the container whose place for it is made already.
    fileprivate func nestedObject<Key: CodingKey>(_ type: Key.Type) -> KeyedEncodingContainer<Key> {
        buffer.openObject()
        return KeyedEncodingContainer(Keyed<Key>(writer: self, depth: buffer.depth))
    }

    fileprivate func nestedArray() -> any UnkeyedEncodingContainer {
        buffer.openArray()
        return Unkeyed(writer: self, depth: buffer.depth)
    }

    struct Keyed<Key: CodingKey>: KeyedEncodingContainerProtocol {
        let writer: JSONWriter
        let depth: Int
        var codingPath: [any CodingKey] { [] }

        func encodeNil(forKey key: Key) {
            writer.buffer.next(key.stringValue, at: depth)
            writer.buffer.appendNull()
        }

        func encode(_ value: Bool, forKey key: Key) {
            writer.buffer.next(key.stringValue, at: depth)
            writer.buffer.append(value)
        }

        func encode(_ value: String, forKey key: Key) {
            writer.buffer.next(key.stringValue, at: depth)
            writer.buffer.append(value)
        }

        func encode(_ value: Int, forKey key: Key) {
            writer.buffer.next(key.stringValue, at: depth)
            writer.buffer.append(value)
        }

        func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
            writer.buffer.next(key.stringValue, at: depth)
            // Every event has times, which need not become texts first.
            if let time = value as? Timestamp { return writer.buffer.append(time) }
            try writer.write(value)
        }

        func nestedContainer<Inner: CodingKey>(
            keyedBy type: Inner.Type, forKey key: Key
        ) -> KeyedEncodingContainer<Inner> {
            writer.buffer.next(key.stringValue, at: depth)
            return writer.nestedObject(type)
        }

        func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
            writer.buffer.next(key.stringValue, at: depth)
            return writer.nestedArray()
        }

        /// The members of a superclass stand among those of its subclass.
        func superEncoder() -> any Encoder { writer }

        func superEncoder(forKey key: Key) -> any Encoder { writer }
    }

    struct Unkeyed: UnkeyedEncodingContainer {
        let writer: JSONWriter
        let depth: Int
        var codingPath: [any CodingKey] { [] }
        private(set) var count = 0

        init(writer: JSONWriter, depth: Int) {
            self.writer = writer
            self.depth = depth
        }

        private mutating func next() {
            writer.buffer.next(at: depth)
            count += 1
        }

        mutating func encodeNil() {
            next()
            writer.buffer.appendNull()
        }

        mutating func encode<T: Encodable>(_ value: T) throws {
            next()
            try writer.write(value)
        }

        mutating func nestedContainer<Inner: CodingKey>(keyedBy type: Inner.Type) -> KeyedEncodingContainer<Inner> {
            next()
            return writer.nestedObject(type)
        }

        mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
            next()
            return writer.nestedArray()
        }

        func superEncoder() -> any Encoder { writer }
    }

    /// Where every number, string and boolean ends that is not a member of an object.
    struct Single: SingleValueEncodingContainer {
        let writer: JSONWriter
        var codingPath: [any CodingKey] { [] }

        func encodeNil() { writer.buffer.appendNull() }
        func encode(_ value: Bool) { writer.buffer.append(value) }
        func encode(_ value: String) { writer.buffer.append(value) }
        func encode(_ value: Double) { writer.buffer.append(value) }
        func encode(_ value: Float) { writer.buffer.append(Double(value)) }
        func encode(_ value: Int) { writer.buffer.append(value) }
        func encode(_ value: Int8) { writer.buffer.append(value) }
        func encode(_ value: Int16) { writer.buffer.append(value) }
        func encode(_ value: Int32) { writer.buffer.append(value) }
        func encode(_ value: Int64) { writer.buffer.append(value) }
        func encode(_ value: UInt) { writer.buffer.append(value) }
        func encode(_ value: UInt8) { writer.buffer.append(value) }
        func encode(_ value: UInt16) { writer.buffer.append(value) }
        func encode(_ value: UInt32) { writer.buffer.append(value) }
        func encode(_ value: UInt64) { writer.buffer.append(value) }
        func encode<T: Encodable>(_ value: T) throws { try writer.write(value) }
    }
}
