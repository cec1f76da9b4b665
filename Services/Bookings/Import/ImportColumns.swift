import Contract
import Terminal

/// CSV whose first record names the columns: the fields of a `booking.request`, in any order.
struct ImportColumns: ImportFormat {
    private enum Kind { case text, number, flag }

    /// The fields of the contract; the first four are required.
    private static let known: [(name: String, kind: Kind)] = [
        ("passenger_name", .text), ("passenger_age", .number), ("email", .text), ("destination", .text),
        ("request_id", .text), ("has_pet", .flag), ("has_promotion", .flag), ("flight_id", .text),
        ("expires_at", .text),
    ]

    private var scanner = CSVScanner()
    private var columns: [(name: String, kind: Kind)] = []

    mutating func take(_ bytes: [UInt8], isLast: Bool) throws(ImportFailure) -> [ImportRecord] {
        var records = scanner.take(bytes, isLast: isLast)[...]
        if columns.isEmpty {
            guard let header = records.popFirst() else { return [] }
            columns = try Self.columns(header)
        }
        return records.map { ImportRecord(line: $0.line, content: content($0)) }
    }

    private static func columns(_ header: CSVScanner.Record) throws(ImportFailure) -> [(name: String, kind: Kind)] {
        func failure(_ message: String) -> ImportFailure {
            ImportFailure(message: "line \(header.line), the header: \(message)", status: 65)
        }
        if let problem = header.problem { throw failure(problem) }
        let names = header.fields.map { String(decoding: $0, as: UTF8.self).withoutSpace }
        let known = Self.known.map(\.name)
        let unknown = names.filter { !known.contains($0) }.map { "'\($0.printable.cut(to: 40))'" }
        guard unknown.isEmpty else {
            let columns = "unknown column\(unknown.count == 1 ? "" : "s") \(unknown.joined(separator: ", "))"
            throw failure("\(columns); there are \(known.joined(separator: ", "))")
        }
        if let twice = names.first(where: { name in names.count { $0 == name } > 1 }) {
            throw failure("the column \(twice) is there twice")
        }
        let missing = known.prefix(4).filter { !names.contains($0) }
        guard missing.isEmpty else { throw failure("there is no column \(missing.joined(separator: ", "))") }
        return names.compactMap { name in Self.known.first { $0.name == name } }
    }

    private func content(_ record: CSVScanner.Record) -> ImportRecord.Content {
        if let problem = record.problem { return .problem(problem) }
        guard record.fields.count == columns.count else {
            let count = record.fields.count
            return .problem("it has \(count) value\(count == 1 ? "" : "s") for \(columns.count) columns")
        }
        var values: [String: Value] = [:]
        for (column, field) in zip(columns, record.fields) where !field.isEmpty {
            guard let text = String(validating: field, as: UTF8.self) else {
                return .problem("\(column.name) is not UTF-8")
            }
            values[column.name] = Value(text, column.kind)
        }
        return .object(JSON.encode(values))
    }

    /// What a field says; what is no number or boolean stays a text, so that the contract's rules say what is wrong.
    private enum Value: Encodable {
        case text(String)
        case number(Int)
        case flag(Bool)

        init(_ text: String, _ kind: Kind) {
            let word = text.withoutSpace
            switch kind {
            case .text: self = .text(text)
            case .number: self = Int(word).map(Value.number) ?? .text(text)
            case .flag:
                switch word.lowercased() {
                case "true", "1", "yes", "sí", "si": self = .flag(true)
                case "false", "0", "no": self = .flag(false)
                default: self = .text(text)
                }
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .text(let text): try container.encode(text)
            case .number(let number): try container.encode(number)
            case .flag(let flag): try container.encode(flag)
            }
        }
    }
}

extension String {
    /// Without white space at either end.
    fileprivate var withoutSpace: String {
        guard let last = lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(self[...last].drop(while: \.isWhitespace))
    }
}
