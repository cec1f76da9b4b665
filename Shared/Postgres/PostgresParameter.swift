/// A value for `$1`, `$2`, … of a statement. All travel as text, so the SQL names the type where it is not evident
/// (`$1::text[]`, `$2::jsonb`).
public enum PostgresParameter: Sendable, Equatable {
    /// Text, and whatever else is written as text: `jsonb`, `timestamptz`, `uuid`, ….
    case text(String?)
    /// A whole number.
    case int(Int64?)
    /// A truth value.
    case bool(Bool?)
    /// An array of texts, for `$n::text[]`.
    case texts([String?])
    /// An array of whole numbers, for `$n::int8[]` or a narrower type.
    case ints([Int64?])
    /// An array of truth values, for `$n::bool[]`.
    case bools([Bool?])
}

extension PostgresParameter: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    /// Text.
    public init(stringLiteral value: String) { self = .text(value) }
    /// A whole number.
    public init(integerLiteral value: Int64) { self = .int(value) }
    /// A truth value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension PostgresParameter {
    fileprivate var containsNUL: Bool {
        switch self {
        case .text(let value): value?.utf8.contains(0) ?? false
        case .texts(let values): values.contains { $0?.utf8.contains(0) ?? false }
        case .int, .bool, .ints, .bools: false
        }
    }
}

extension CStrings {
    /// The parameters as libpq takes them.
    /// - Throws: SQLSTATE 22021 for U+0000, at which C (and PostgreSQL's text) would end the value.
    init(_ parameters: [PostgresParameter]) throws(PostgresError) {
        self.init()
        for parameter in parameters {
            if parameter.containsNUL { throw PostgresError(.server(sqlState: "22021"), "a parameter contains U+0000") }
            append(parameter)
        }
    }

    private mutating func append(_ parameter: PostgresParameter) {
        switch parameter {
        case .text(let value): append(value)
        case .int(let value): append(value.map { String($0) })
        case .bool(let value): append(value.map(Self.text))
        case .texts(let values): appendArray(values) { $0.appendQuoted($1) }
        case .ints(let values): appendArray(values) { $0.appendBytes(String($1)) }
        case .bools(let values): appendArray(values) { $0.appendBytes(Self.text($1)) }
        }
    }

    private static func text(_ value: Bool) -> String { value ? "t" : "f" }

    /// A PostgreSQL array literal such as `{"a","b \" c",NULL}`.
    private mutating func appendArray<Value>(_ values: [Value?], _ appendValue: (inout CStrings, Value) -> Void) {
        begin()
        appendBytes("{")
        for (index, value) in values.enumerated() {
            if index > 0 { appendBytes(",") }
            if let value { appendValue(&self, value) } else { appendBytes("NULL") }
        }
        appendBytes("}")
        end()
    }

    /// Always quoted, so that braces, commas, blanks, nothing at all and the word NULL are text like any other.
    private mutating func appendQuoted(_ text: String) {
        appendBytes("\"")
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { appendBytes("\\") }
            append(byte: byte)
        }
        appendBytes("\"")
    }
}
