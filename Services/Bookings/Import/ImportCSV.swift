import Contract

/// CSV by RFC 4180, cut into records: quotes, doubled quotes, line breaks inside quotes, LF or CRLF.
///
/// The first separator in the file, a comma, semicolon or tab (Excel writes semicolons where the decimal sign is a
/// comma), is the separator of all of it. After a record that can't be read it goes on at the next line, since the
/// most likely reason is a quote too many, which would swallow everything up to the next one.
struct CSVScanner {
    /// A record: its fields, or why it can't be read.
    struct Record: Equatable {
        /// The number of its first line, from 1 on.
        let line: Int
        let fields: [[UInt8]]
        var problem: String?
    }

    private enum Scan {
        case record([[UInt8]], end: Int, lines: Int)
        case incomplete
        case malformed(String)
    }

    private static let (quote, newline, carriageReturn) = (UInt8(ascii: "\""), UInt8(ascii: "\n"), UInt8(ascii: "\r"))
    private var buffer: [UInt8] = []
    private var line = 1
    private var separator: UInt8?
    /// Set while the rest of a line that can't be read is still to come.
    private var isSkipping = false

    /// The records that are complete now; blank lines are none.
    mutating func take(_ bytes: [UInt8], isLast: Bool) -> [Record] {
        buffer += bytes
        if separator == nil { separator = buffer.first { [0x2C, 0x3B, 0x09].contains($0) } }
        var (records, start): ([Record], Int) = ([], 0)
        scanning: while start < buffer.count {
            if isSkipping {
                guard skipLine(&start) else { break }
                continue
            }
            switch scan(from: start, isLast: isLast) {
            case .record(let fields, let end, let lines):
                if fields != [[]] { records.append(Record(line: line, fields: fields)) }
                (start, line) = (end, line + lines)
            case .malformed(let problem):
                records.append(Record(line: line, fields: [], problem: problem))
                isSkipping = true
            case .incomplete:
                guard buffer.count - start > Contract.maximumBodySize else { break scanning }
                let problem = "it is longer than \(Contract.maximumBodySize / 1024) KiB: is a quote not closed?"
                records.append(Record(line: line, fields: [], problem: problem))
                isSkipping = true
            }
        }
        buffer.removeFirst(start)
        return records
    }

    /// Goes on to the next line, and says whether its beginning is there.
    private mutating func skipLine(_ start: inout Int) -> Bool {
        guard let end = buffer[start...].firstIndex(of: Self.newline) else {
            start = buffer.count
            return false
        }
        (start, line, isSkipping) = (end + 1, line + 1, false)
        return true
    }

    private func scan(from start: Int, isLast: Bool) -> Scan {
        var (fields, index, lines): ([[UInt8]], Int, Int) = ([], start, 0)
        while true {
            var field: [UInt8] = []
            if index < buffer.count, buffer[index] == Self.quote {
                index += 1
                quoted: while true {
                    guard index < buffer.count else {
                        return isLast ? .malformed("a quote is not closed") : .incomplete
                    }
                    let byte = buffer[index]
                    index += 1
                    if byte == Self.quote {
                        guard index < buffer.count, buffer[index] == Self.quote else { break quoted }
                        index += 1
                    }
                    if byte == Self.newline { lines += 1 }
                    field.append(byte)
                }
            } else {
                while index < buffer.count, buffer[index] != separator, !isBreak(at: index) {
                    if buffer[index] == Self.quote {
                        return .malformed("a quote inside a value: put the whole value in quotes and double it")
                    }
                    field.append(buffer[index])
                    index += 1
                }
            }
            fields.append(field)
            // The second half of a doubled quote or of a CRLF may be in the next piece.
            if index + 1 >= buffer.count, !isLast, index == buffer.count || buffer[index] == Self.carriageReturn {
                return .incomplete
            }
            guard index < buffer.count else { return .record(fields, end: index, lines: lines) }
            if isBreak(at: index) {
                let length = buffer[index] == Self.newline ? 1 : 2
                return .record(fields, end: index + length, lines: lines + 1)
            }
            guard buffer[index] == separator else { return .malformed("text behind a closing quote") }
            index += 1
        }
    }

    private func isBreak(at index: Int) -> Bool {
        if buffer[index] == Self.newline { return true }
        return buffer[index] == Self.carriageReturn && index + 1 < buffer.count && buffer[index + 1] == Self.newline
    }
}
