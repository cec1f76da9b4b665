/// One row; a column is found by name or by position from 0.
///
/// Every accessor throws `.unexpectedResult` where there is no such column or the value is not of the type asked for;
/// those whose result is not optional also for null.
public struct PostgresRow: Sendable {
    let result: PostgresResult
    let index: Int

    /// The text of a column.
    public func string(_ column: String) throws(PostgresError) -> String { try string(position(of: column)) }
    /// The text of a column.
    public func string(_ position: Int) throws(PostgresError) -> String {
        try present(try optionalString(position), position)
    }
    /// The text of a column, `nil` for null.
    public func optionalString(_ column: String) throws(PostgresError) -> String? {
        try optionalString(position(of: column))
    }
    /// The text of a column, `nil` for null.
    public func optionalString(_ position: Int) throws(PostgresError) -> String? {
        guard result.columns.indices.contains(position) else {
            throw PostgresError(.unexpectedResult, "no column \(position)")
        }
        return result.text(row: index, column: position)
    }

    /// The whole number in a column.
    public func int(_ column: String) throws(PostgresError) -> Int { try int(position(of: column)) }
    /// The whole number in a column.
    public func int(_ position: Int) throws(PostgresError) -> Int { try present(try optionalInt(position), position) }
    /// The whole number in a column, `nil` for null.
    public func optionalInt(_ column: String) throws(PostgresError) -> Int? { try optionalInt(position(of: column)) }
    /// The whole number in a column, `nil` for null.
    public func optionalInt(_ position: Int) throws(PostgresError) -> Int? {
        guard let text = try optionalString(position) else { return nil }
        guard let value = Int(text) else { throw mismatch(position, "a whole number") }
        return value
    }

    /// The truth value in a column.
    public func bool(_ column: String) throws(PostgresError) -> Bool { try bool(position(of: column)) }
    /// The truth value in a column.
    public func bool(_ position: Int) throws(PostgresError) -> Bool {
        try present(try optionalBool(position), position)
    }
    /// The truth value in a column, `nil` for null.
    public func optionalBool(_ column: String) throws(PostgresError) -> Bool? {
        try optionalBool(position(of: column))
    }
    /// The truth value in a column, `nil` for null.
    public func optionalBool(_ position: Int) throws(PostgresError) -> Bool? {
        switch try optionalString(position) {
        case nil: return nil
        case "t": return true
        case "f": return false
        default: throw mismatch(position, "a truth value")
        }
    }

    private func position(of column: String) throws(PostgresError) -> Int {
        guard let position = result.columns.firstIndex(of: column) else {
            throw PostgresError(.unexpectedResult, "no column \(column)")
        }
        return position
    }

    private func present<Value>(_ value: Value?, _ position: Int) throws(PostgresError) -> Value {
        guard let value else { throw mismatch(position, "not null") }
        return value
    }

    private func mismatch(_ position: Int, _ expected: String) -> PostgresError {
        PostgresError(.unexpectedResult, "column \(result.columns[position]) should be \(expected)")
    }
}
