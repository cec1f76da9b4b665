/// HTML or SVG: whatever is interpolated into a literal of it is escaped, unless it is markup itself.
public struct Markup: ExpressibleByStringInterpolation, Sendable {
    /// As it stands in the file.
    public let text: String

    /// Markup as it is.
    public init(stringLiteral text: String) { self.text = text }

    /// Markup with what is interpolated into it.
    public init(stringInterpolation parts: Interpolation) { text = parts.text }

    /// Pieces one after the other.
    public init(_ pieces: some Sequence<Markup>) { text = pieces.map(\.text).joined(separator: "\n") }

    /// What builds it up.
    public struct Interpolation: StringInterpolationProtocol {
        fileprivate var text = ""

        /// Nothing so far.
        public init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(literalCapacity * 2) }

        /// Markup as it stands in the program.
        public mutating func appendLiteral(_ literal: String) { text += literal }

        /// Markup as it is.
        public mutating func appendInterpolation(_ markup: Markup) { text += markup.text }

        /// A text, escaped.
        public mutating func appendInterpolation(_ plain: String) {
            for scalar in plain.unicodeScalars {
                switch scalar {
                case "&": text += "&amp;"
                case "<": text += "&lt;"
                case ">": text += "&gt;"
                case "\"": text += "&quot;"
                case "'": text += "&#39;"
                case "\t", "\n": text.unicodeScalars.append(scalar)
                // No document may hold them, nor show text in another order than it stands.
                case _ where scalar.properties.generalCategory == .control: text += "\u{FFFD}"
                case "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}": text += "\u{FFFD}"
                default: text.unicodeScalars.append(scalar)
                }
            }
        }

        /// A number for the program that draws, without thousands apart.
        public mutating func appendInterpolation(_ number: Int) { text += String(number) }

        /// A coordinate, to a tenth of a pixel.
        public mutating func appendInterpolation(_ coordinate: Double) {
            let tenths = Int((coordinate * 10).rounded())
            text += tenths.isMultiple(of: 10) ? String(tenths / 10) : String(Double(tenths) / 10)
        }
    }
}
