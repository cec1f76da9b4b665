import AMQP
import Contract

/// A header's value as JSON: texts, integers and Booleans as they are, everything else as an object that names its kind.
public struct HeaderJSON: Encodable {
    private let value: AMQPValue
    init(_ value: AMQPValue) { self.value = value }

    /// Headers that were written so; what can't be read is left out.
    public static func table(_ object: JSON.Object) -> AMQPTable {
        var table: AMQPTable = [:]
        for name in object.names { table[name] = object[name].flatMap(value) }
        return table
    }

    private static func value(_ json: JSON.Value) -> AMQPValue? {
        if let text = json.string { return .text(text) }
        if let value = json.bool { return .bool(value) }
        if let number = json.integer { return .int(number) }
        guard let kind = json.object, let name = kind.names.first, let value = kind[name] else { return nil }
        switch name {
        case "double": return value.string.flatMap { Double($0) }.map { .double($0) }
        case "bytes": return value.string.flatMap(Base64.decode).map { .bytes($0) }
        case "timestamp": return value.integer.flatMap { UInt64(exactly: $0) }.map { .timestamp($0) }
        case "decimal": return value.string.flatMap(decimal)
        case "table": return value.object.map { .table(table($0)) }
        case "array": return value.array.map { .array($0.compactMap(self.value)) }
        case "void": return .void
        default: return nil
        }
    }

    private static func decimal(_ text: String) -> AMQPValue? {
        let parts = text.split(separator: "e-")
        guard parts.count == 2, let value = UInt32(parts[0]), let scale = UInt8(parts[1]) else { return nil }
        return .decimal(scale: scale, value: value)
    }

    private struct Kind: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    /// Encodes it.
    public func encode(to encoder: any Encoder) throws {
        switch value {
        case .text(let text):
            var container = encoder.singleValueContainer()
            try container.encode(text)
        case .bool(let value):
            var container = encoder.singleValueContainer()
            try container.encode(value)
        case .int(let value):
            var container = encoder.singleValueContainer()
            try container.encode(value)
        case .double(let value): try encode(value.description, as: "double", encoder)
        case .bytes(let bytes): try encode(Base64.encode(bytes), as: "bytes", encoder)
        case .timestamp(let seconds): try encode(Int64(clamping: seconds), as: "timestamp", encoder)
        case .decimal(let scale, let value): try encode("\(value)e-\(scale)", as: "decimal", encoder)
        case .table(let table): try encode(table.mapValues(HeaderJSON.init), as: "table", encoder)
        case .array(let values): try encode(values.map(HeaderJSON.init), as: "array", encoder)
        case .void: try encode(true, as: "void", encoder)
        }
    }

    private func encode(_ value: some Encodable, as kind: String, _ encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Kind.self)
        try container.encode(value, forKey: Kind(stringValue: kind))
    }
}
