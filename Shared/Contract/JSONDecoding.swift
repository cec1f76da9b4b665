/// The decoder behind ``JSON/decode(_:from:limit:)``: it reads members where they stand in the body.
struct JSONDecoding: Decoder {
    /// The first field that is not as it should be.
    struct Mismatch: Error, CustomStringConvertible {
        let field: String
        let expected: String
        var description: String { field.isEmpty ? "expected \(expected)" : "\(field): expected \(expected)" }
    }

    /// What is read: the whole body, or a value in it.
    private let source: Source
    /// The member the value belongs to, for errors; empty for the whole body.
    private let field: String

    private enum Source {
        case body(JSON.Object)
        case value(JSON.Value)
    }

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    init(object: JSON.Object) {
        source = .body(object)
        field = ""
    }

    init(value: JSON.Value, field: String) {
        source = .value(value)
        self.field = field
    }

    /// Nil for the whole body, which is nothing but an object.
    var value: JSON.Value? {
        switch source {
        case .body: nil
        case .value(let value): value
        }
    }

    private var object: JSON.Object? {
        switch source {
        case .body(let object): object
        case .value(let value): value.object
        }
    }

    /// The object that is read.
    func members() throws(Mismatch) -> JSON.Object {
        guard let object else { throw mismatch("an object") }
        return object
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(Keyed<Key>(object: try members()))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard let elements = value?.array else { throw mismatch("a list") }
        return Unkeyed(elements: elements, field: field)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { Single(decoder: self) }

    func mismatch(_ expected: String) -> Mismatch { Mismatch(field: field, expected: expected) }

    func bool() throws -> Bool {
        guard let bool = value?.bool else { throw mismatch("true or false") }
        return bool
    }

    func string() throws -> String {
        guard let string = value?.string else { throw mismatch("text") }
        return string
    }

    func double() throws -> Double {
        guard let number = value?.number else { throw mismatch("a number") }
        return number.double
    }

    func integer<T: FixedWidthInteger>(_ type: T.Type) throws -> T {
        guard let integer = value?.integer, let result = T(exactly: integer) else { throw mismatch("an integer") }
        return result
    }
}

extension JSONDecoding {
    /// A class, because the standard library copies a struct for each member it reads.
    final class Keyed<Key: CodingKey>: KeyedDecodingContainerProtocol {
        private let object: JSON.Object
        var codingPath: [any CodingKey] { [] }
        var allKeys: [Key] { object.names.compactMap(Key.init(stringValue:)) }

        init(object: JSON.Object) { self.object = object }

        /// The member, which must be there.
        private func member(_ key: Key) throws -> JSONDecoding {
            let name = key.stringValue
            guard let value = object[name] else { throw Mismatch(field: name, expected: "a value, there is none") }
            return JSONDecoding(value: value, field: name)
        }

        /// The member if it is there; a null counts as absent.
        private func present(_ key: Key) -> JSONDecoding? {
            let name = key.stringValue
            guard let value = object[name], !value.isNull else { return nil }
            return JSONDecoding(value: value, field: name)
        }

        func contains(_ key: Key) -> Bool { object[key.stringValue] != nil }
        func decodeNil(forKey key: Key) throws -> Bool { try member(key).value?.isNull ?? false }
        func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try member(key).bool() }
        func decode(_ type: String.Type, forKey key: Key) throws -> String { try member(key).string() }
        func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try member(key).integer(type) }
        func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try T(from: member(key)) }

        func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? { try present(key)?.bool() }
        func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? { try present(key)?.string() }
        func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? { try present(key)?.integer(type) }
        func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
            guard let decoder = present(key) else { return nil }
            return try T(from: decoder)
        }

        func nestedContainer<Inner: CodingKey>(
            keyedBy type: Inner.Type, forKey key: Key
        ) throws -> KeyedDecodingContainer<Inner> {
            try member(key).container(keyedBy: type)
        }

        func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
            try member(key).unkeyedContainer()
        }

        func superDecoder() throws -> any Decoder { throw Mismatch(field: "super", expected: "no inheritance") }
        func superDecoder(forKey key: Key) throws -> any Decoder { try member(key) }
    }

    struct Unkeyed: UnkeyedDecodingContainer {
        let elements: [JSON.Value]
        let field: String
        private(set) var currentIndex = 0
        var codingPath: [any CodingKey] { [] }
        var count: Int? { elements.count }
        var isAtEnd: Bool { currentIndex >= elements.count }

        init(elements: [JSON.Value], field: String) {
            self.elements = elements
            self.field = field
        }

        private mutating func next() throws -> JSONDecoding {
            guard !isAtEnd else { throw Mismatch(field: field, expected: "another element") }
            defer { currentIndex += 1 }
            return JSONDecoding(value: elements[currentIndex], field: field)
        }

        mutating func decodeNil() throws -> Bool {
            guard !isAtEnd, elements[currentIndex].isNull else { return false }
            currentIndex += 1
            return true
        }

        mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try T(from: next()) }

        mutating func nestedContainer<Inner: CodingKey>(
            keyedBy type: Inner.Type
        ) throws -> KeyedDecodingContainer<Inner> {
            try next().container(keyedBy: type)
        }

        mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { try next().unkeyedContainer() }
        mutating func superDecoder() throws -> any Decoder { try next() }
    }

    /// Where every number, string and boolean ends that is not a member of an object.
    struct Single: SingleValueDecodingContainer {
        let decoder: JSONDecoding
        var codingPath: [any CodingKey] { [] }

        func decodeNil() -> Bool { decoder.value?.isNull ?? false }
        func decode(_ type: Bool.Type) throws -> Bool { try decoder.bool() }
        func decode(_ type: String.Type) throws -> String { try decoder.string() }
        func decode(_ type: Double.Type) throws -> Double { try decoder.double() }
        func decode(_ type: Float.Type) throws -> Float { Float(try decoder.double()) }
        func decode(_ type: Int.Type) throws -> Int { try decoder.integer(type) }
        func decode(_ type: Int8.Type) throws -> Int8 { try decoder.integer(type) }
        func decode(_ type: Int16.Type) throws -> Int16 { try decoder.integer(type) }
        func decode(_ type: Int32.Type) throws -> Int32 { try decoder.integer(type) }
        func decode(_ type: Int64.Type) throws -> Int64 { try decoder.integer(type) }
        func decode(_ type: UInt.Type) throws -> UInt { try decoder.integer(type) }
        func decode(_ type: UInt8.Type) throws -> UInt8 { try decoder.integer(type) }
        func decode(_ type: UInt16.Type) throws -> UInt16 { try decoder.integer(type) }
        func decode(_ type: UInt32.Type) throws -> UInt32 { try decoder.integer(type) }
        func decode(_ type: UInt64.Type) throws -> UInt64 { try decoder.integer(type) }
        func decode<T: Decodable>(_ type: T.Type) throws -> T { try T(from: decoder) }
    }
}
