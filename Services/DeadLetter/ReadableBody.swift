import Contract
import Terminal

/// A body as people can read it: JSON with what is wrong beside its fields, text as it is, anything else in hexadecimal.
struct ReadableBody {
    /// A line of it.
    struct Line {
        let text: String
        /// What is wrong with the field that begins here.
        var problem: String?
    }

    private static let mostLines = 500
    private(set) var lines: [Line]
    /// Whether there are more lines.
    let isCut: Bool
    /// What is wrong besides.
    let rest: [Problem]

    init(_ body: [UInt8], problems: [Problem]) {
        var rest = problems
        let all: [Line]
        if let json = JSON.readable(body) {
            all = json.split(separator: "\n").map { line in
                // Members of the outermost object are indented once.
                let field = rest.first { line.hasPrefix("  \"\($0.field)\":") }
                rest.removeAll { $0.field == field?.field }
                return Line(text: String(line), problem: field?.problem)
            }
        } else if let text = String(validating: body, as: UTF8.self) {
            all = text.split(separator: "\n", omittingEmptySubsequences: false).map { Line(text: String($0)) }
        } else {
            all = stride(from: 0, to: min(body.count, 16 * (Self.mostLines + 1)), by: 16).map { start in
                Line(text: Self.hexadecimal(body[start..<min(start + 16, body.count)]))
            }
        }
        isCut = all.count > Self.mostLines
        lines = Array(all.prefix(Self.mostLines))
        self.rest = rest
    }

    private static func hexadecimal(_ bytes: ArraySlice<UInt8>) -> String {
        func digits(_ value: Int, _ width: Int) -> String {
            let text = String(value, radix: 16)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        let hex = bytes.map { digits(Int($0), 2) }.joined(separator: " ")
        let text = bytes.map { (0x20...0x7e).contains($0) ? Character(UnicodeScalar($0)) : "." }
        return "\(digits(bytes.startIndex, 6))  \(hex.padded(to: 47))  \(String(text))"
    }
}
