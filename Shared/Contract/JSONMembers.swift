/// The members of an object that is being decoded, read without the standard library's containers: those take nearly
/// twice as long, which counts in the events that every booking causes.
///
/// For ``JSON/decode(_:from:)`` only: another decoder has no such members.
struct JSONMembers<Key: CodingKey> {
    private let object: JSON.Object

    init(_ decoder: any Decoder, keyedBy type: Key.Type) throws {
        guard let decoding = decoder as? JSONDecoding else {
            throw JSONDecoding.Mismatch(field: "", expected: "to be read by JSON.decode")
        }
        object = try decoding.members()
    }

    /// The member, which must be there.
    subscript<Value: JSONReadable>(key: Key) -> Value {
        get throws(JSONDecoding.Mismatch) {
            let name = key.stringValue
            guard let value = object[name] else {
                throw JSONDecoding.Mismatch(field: name, expected: "a value, there is none")
            }
            return try read(value, name)
        }
    }

    /// The member if it is there; a null counts as absent.
    subscript<Value: JSONReadable>(key: Key) -> Value? {
        get throws(JSONDecoding.Mismatch) {
            let name = key.stringValue
            guard let value = object[name], !value.isNull else { return nil }
            return try read(value, name) as Value
        }
    }

    private func read<Value: JSONReadable>(
        _ value: JSON.Value, _ name: String
    ) throws(JSONDecoding.Mismatch) -> Value {
        guard let result = Value(value) else {
            throw JSONDecoding.Mismatch(field: name, expected: Value.expectation)
        }
        return result
    }
}

/// What ``JSONMembers`` reads.
protocol JSONReadable {
    /// What a member must be, for an error.
    static var expectation: String { get }
    /// `nil` for a value of another kind.
    init?(_ value: JSON.Value)
}

extension String: JSONReadable {
    static var expectation: String { "text" }
    init?(_ value: JSON.Value) {
        guard let string = value.string else { return nil }
        self = string
    }
}

extension Int: JSONReadable {
    static var expectation: String { "an integer" }
    init?(_ value: JSON.Value) {
        guard let integer = value.integer else { return nil }
        self.init(exactly: integer)
    }
}

extension Bool: JSONReadable {
    static var expectation: String { "true or false" }
    init?(_ value: JSON.Value) {
        guard let bool = value.bool else { return nil }
        self = bool
    }
}

extension Timestamp: JSONReadable {
    static var expectation: String { "a time" }
    init?(_ value: JSON.Value) {
        guard let string = value.string else { return nil }
        self.init(string)
    }
}

extension JSONReadable where Self: RawRepresentable, RawValue == String {
    init?(_ value: JSON.Value) {
        guard let string = value.string else { return nil }
        self.init(rawValue: string)
    }
}

extension BookingOutcome.Status: JSONReadable { static var expectation: String { "a status" } }
extension BookingOutcome.Reason: JSONReadable { static var expectation: String { "a reason" } }

extension [Problem]: JSONReadable {
    static var expectation: String { "a list of problems" }
    init?(_ value: JSON.Value) {
        try? self.init(from: JSONDecoding(value: value, field: "problems"))
    }
}
