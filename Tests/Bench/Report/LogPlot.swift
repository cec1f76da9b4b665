import Foundation
import Support

/// A drawing with milliseconds from bottom to top, each power of ten as high as the others. Lengths are in pixels.
struct LogPlot {
    static let (left, right, top, width, height) = (80.0, 20.0, 34.0, 1000.0, 420.0)
    private static let bottom = height - 40

    /// A line of the drawing.
    struct Line {
        let name: String
        /// The CSS variable that holds its colour.
        let colour: Markup
        var isDashed = false
        /// Where its points stand: from 0 to 1 from left to right, and milliseconds.
        let points: [(x: Double, milliseconds: Double)]
    }

    let title: String
    /// What the drawing shows, for those who don't see it.
    let description: String
    /// Names of places from left (0) to right (1).
    let marks: [(x: Double, name: String)]
    let lines: [Line]
    /// A shaded stretch, from 0 to 1.
    var shade: ClosedRange<Double>?

    /// The powers of ten that hold all points.
    private var decades: ClosedRange<Int> {
        let times = lines.flatMap { $0.points.map(\.milliseconds) }.filter { $0 > 0 }
        let low = Int(log10(times.min() ?? 1).rounded(.down))
        return low...max(low + 1, Int(log10(times.max() ?? 1).rounded(.up)))
    }

    private func x(_ place: Double) -> Double { Self.left + place * (Self.width - Self.left - Self.right) }

    private func y(_ milliseconds: Double) -> Double {
        let decades = decades
        let exponent = log10(max(milliseconds, pow(10, Double(decades.lowerBound))))
        let share = (exponent - Double(decades.lowerBound)) / Double(decades.count - 1)
        return Self.bottom - share * (Self.bottom - Self.top)
    }

    var markup: Markup {
        """
        <ul class="legend">
        \(Markup(lines.map { line in
            #"<li class="\#(line.isDashed ? "dashed" : "solid")" style="--colour: var(--\#(line.colour))">\#(line.name)</li>"#
        }))
        </ul>
        <div class="wide" role="region" aria-label="\(title)" tabindex="0">
        <svg viewBox="0 0 \(Self.width) \(Self.height)" role="img" aria-label="\(description)">
        <title>\(title)</title>
        \(background)
        \(Markup(horizontals))
        \(Markup(verticals))
        \(Markup(lines.map(drawn)))
        </svg>
        </div>
        """
    }

    private var background: Markup {
        guard let shade else { return "" }
        let (from, to) = (x(shade.lowerBound), x(shade.upperBound))
        return
            #"<rect class="shade" x="\#(from)" y="\#(Self.top)" width="\#(to - from)" height="\#(Self.bottom - Self.top)"/>"#
    }

    private var horizontals: [Markup] {
        decades.map { decade in
            let time = pow(10, Double(decade))
            let name = time < 1_000 ? "\(time < 1 ? "\(time)" : "\(Int(time))") ms" : "\(Int(time / 1_000)) s"
            return """
                <path class="grid" d="M\(Self.left) \(y(time))H\(Self.width - Self.right)"/>\
                <text class="end" x="\(Self.left - 8)" y="\(y(time) + 4)">\(name)</text>
                """
        }
    }

    private var verticals: [Markup] {
        marks.map { mark in
            """
            <path class="grid" d="M\(x(mark.x)) \(Self.top)V\(Self.bottom)"/>\
            <text class="middle" x="\(x(mark.x))" y="\(Self.bottom + 22)">\(mark.name)</text>
            """
        }
    }

    private func drawn(_ line: Line) -> Markup {
        let points = line.points.map { point -> Markup in "\(x(point.x)),\(y(point.milliseconds))" }
        let kind: Markup = line.isDashed ? "rate dashed" : "rate"
        return #"<polyline class="\#(kind)" style="--colour: var(--\#(line.colour))" points="\#(Markup(points))"/>"#
    }

    /// What pages with such drawings need besides what all pages have.
    static let style: Markup = """
        :root { --first: #0b5cad; --second: #d2600a; --third: #7a4fc2; --fourth: #0b7f77; --fifth: #b0308f; }
        @media (prefers-color-scheme: dark) {
          :root { --first: #6bb1ff; --second: #ffa04d; --third: #b79bff; --fourth: #45cfc4; --fifth: #ee85d3; } }
        .rate { stroke-width: 2; } .dashed { stroke-dasharray: 6 5; } .shade { fill: var(--bad-shade); }
        .legend li.dashed::before { background: repeating-linear-gradient(90deg, var(--colour) 0 .25rem, transparent .25rem .4rem); }
        """
    /// Colours of `style`, in their order.
    static let colours: [Markup] = ["first", "second", "third", "fourth", "fifth"]
}
