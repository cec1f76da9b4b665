import Contract

/// One row of a file: where it begins, and its request as a JSON object, or why there is none.
struct ImportRecord: Sendable, Equatable {
    /// The number of its first line, from 1 on.
    let line: Int
    let content: Content

    enum Content: Sendable, Equatable {
        case object([UInt8])
        case problem(String)
    }
}

/// Why a whole file can't be imported.
struct ImportFailure: Error, Equatable {
    let message: String
    /// By sysexits.h: 65 what is in the file, 66 the file itself; of the broker as ``ClientError`` has it.
    let status: Int32
}

/// Cuts a file into rows as it is read, piece by piece.
protocol ImportFormat {
    /// The rows that are complete now.
    /// - Parameters:
    ///   - bytes: the next piece.
    ///   - isLast: whether nothing follows.
    mutating func take(_ bytes: [UInt8], isLast: Bool) throws(ImportFailure) -> [ImportRecord]
}

/// JSON lines: an object a line; blank lines are skipped.
struct ImportLines: ImportFormat {
    private var rest: [UInt8] = []
    private var line = 1
    private var isTooLong = false

    mutating func take(_ bytes: [UInt8], isLast: Bool) throws(ImportFailure) -> [ImportRecord] {
        var records: [ImportRecord] = []
        for piece in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            if piece.offset > 0 { end(&records) }
            // A line that is too long is not kept: nobody knows how long it gets.
            if rest.count + piece.element.count > Contract.maximumBodySize { isTooLong = true }
            if isTooLong { rest = [] } else { rest += piece.element }
        }
        if isLast { end(&records) }
        return records
    }

    private mutating func end(_ records: inout [ImportRecord]) {
        if isTooLong {
            let limit = Contract.maximumBodySize / 1024
            records.append(ImportRecord(line: line, content: .problem("the line is longer than \(limit) KiB")))
        } else if rest.contains(where: { $0 > 0x20 }) {
            records.append(ImportRecord(line: line, content: .object(rest)))
        }
        (rest, isTooLong) = ([], false)
        line += 1
    }
}
