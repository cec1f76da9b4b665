/// HTML or SVG: whatever is interpolated into a literal of it is escaped, unless it is markup itself.
struct Markup: ExpressibleByStringInterpolation, Sendable {
    /// As it stands in the file.
    let text: String

    init(stringLiteral text: String) { self.text = text }

    init(stringInterpolation parts: Interpolation) { text = parts.text }

    /// Pieces one after the other.
    init(_ pieces: some Sequence<Markup>) { text = pieces.map(\.text).joined(separator: "\n") }

    struct Interpolation: StringInterpolationProtocol {
        fileprivate var text = ""

        init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(literalCapacity * 2) }

        mutating func appendLiteral(_ literal: String) { text += literal }

        mutating func appendInterpolation(_ markup: Markup) { text += markup.text }

        mutating func appendInterpolation(_ plain: String) {
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
        mutating func appendInterpolation(_ number: Int) { text += String(number) }

        /// A coordinate, to a tenth of a pixel.
        mutating func appendInterpolation(_ coordinate: Double) {
            let tenths = Int((coordinate * 10).rounded())
            text += tenths.isMultiple(of: 10) ? String(tenths / 10) : String(Double(tenths) / 10)
        }
    }
}
