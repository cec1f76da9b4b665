/// The rows that a statement answered with.
public struct PostgresRows: RandomAccessCollection, Sendable {
    private let result: PostgresResult
    /// How many rows the statement returned, inserted, updated or deleted.
    public let affected: Int

    init(_ result: PostgresResult) {
        self.result = result
        affected = result.affected
    }

    /// Always 0.
    public var startIndex: Int { 0 }
    /// The number of rows.
    public var endIndex: Int { result.rowCount }
    /// The row at a position from 0; outside the rows it is a programming error, as in an array.
    public subscript(position: Int) -> PostgresRow {
        precondition(indices.contains(position), "no row \(position)")
        return PostgresRow(result: result, index: position)
    }
}
