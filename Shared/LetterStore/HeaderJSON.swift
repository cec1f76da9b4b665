import AMQP
import Contract

/// A header's value as JSON: texts, integers and Booleans as they are, everything else as an object that names its kind.
struct HeaderJSON: Encodable {
    let value: AMQPValue
    init(_ value: AMQPValue) { self.value = value }

    private struct Kind: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    func encode(to encoder: any Encoder) throws {
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
