/// Rows under headings, each column as wide as its widest cell.
public struct Table: Sendable {
    /// A column: its heading, and whether its cells are numbers, which are aligned on the right.
    public struct Column: Sendable {
        let heading: String
        let isNumber: Bool

        /// A column of texts.
        public static func text(_ heading: String) -> Column { Column(heading: heading, isNumber: false) }
        /// A column of numbers or amounts.
        public static func number(_ heading: String) -> Column { Column(heading: heading, isNumber: true) }
    }

    /// A cell: its text, and its style where there are colours.
    public struct Cell: Sendable, ExpressibleByStringInterpolation {
        let text: String
        let style: Style?

        /// A text that came from elsewhere is fine: what is not printable is replaced.
        public init(_ text: String, _ style: Style? = nil) {
            self.text = text.printable
            self.style = style
        }

        /// A plain text.
        public init(stringLiteral text: String) { self.init(text) }
    }

    private let columns: [Column]
    private var rows: [[Cell]] = []

    /// An empty table.
    public init(_ columns: [Column]) { self.columns = columns }

    /// Adds a row, a cell for each column.
    public mutating func add(_ cells: [Cell]) { rows.append(cells) }

    /// Whether there is no row.
    public var isEmpty: Bool { rows.isEmpty }

    /// Writes headings and rows.
    /// - Parameter indent: spaces before each line.
    public func write(to output: Output, indent: Int = 0) {
        let widths = columns.indices.map { index in
            rows.reduce(columns[index].heading.columns) { max($0, $1[index].text.columns) }
        }
        func line(_ cells: [Cell]) {
            // Nothing is written behind the last text.
            let last = cells.lastIndex { !$0.text.isEmpty } ?? 0
            let padded = cells.prefix(last + 1).indices.map { index in
                let width = index == last && !columns[index].isNumber ? 0 : widths[index]
                let text = cells[index].text.padded(to: width, onLeft: columns[index].isNumber)
                return output.styled(text, cells[index].style)
            }
            output.line(String(repeating: " ", count: indent) + padded.joined(separator: "  "))
        }
        if columns.contains(where: { !$0.heading.isEmpty }) { line(columns.map { Cell($0.heading, .dim) }) }
        for row in rows { line(row) }
    }
}
