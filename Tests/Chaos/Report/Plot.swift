import Support
import Terminal

/// The geometry of the timeline's plot: panels one below the other over the same seconds. Lengths are in pixels.
struct Plot {
    static let (left, right, width) = (190.0, 12.0, 1000.0)
    /// The seconds shown.
    let length: Double

    init(_ timeline: Timeline) {
        let ends = [timeline.healed, timeline.quiet].compactMap(\.self) + timeline.faults.map(\.ends)
        length = max(1, ends.max() ?? 0, Double(timeline.seconds.count))
    }

    /// Where a second of the run stands.
    func x(_ second: Double) -> Double {
        Self.left + min(max(second, 0), length) / length * (Self.width - Self.left - Self.right)
    }

    /// The seconds that are marked: twelve at most.
    var ticks: [Double] {
        let steps: [Double] = [1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600]
        let step = steps.first { length / $0 <= 12 } ?? (length / 12 / 3600).rounded(.up) * 3600
        return Array(stride(from: 0, through: length, by: step))
    }

    /// A scale from zero to a round number not below `maximum`, with up to five steps.
    static func scale(_ maximum: Int) -> (top: Int, step: Int) {
        let maximum = max(maximum, 4)
        var unit = 1
        while true {
            for step in [unit, 2 * unit, 5 * unit] where step * 5 >= maximum {
                return ((maximum + step - 1) / step * step, step)
            }
            unit *= 10
        }
    }
}

/// A part of the plot with a vertical axis of its own.
struct Panel {
    let plot: Plot
    let title: String
    /// The upper edge of its scale, below its title, and its height.
    let (top, height): (Double, Double)
    private let scale: (top: Int, step: Int)

    init(_ plot: Plot, _ title: String, top: Double, height: Double, maximum: Int) {
        self.plot = plot
        self.title = title
        (self.top, self.height) = (top, height)
        scale = Plot.scale(maximum)
    }

    var bottom: Double { top + height }

    private func y(_ value: Int) -> Double { bottom - Double(value) / Double(scale.top) * height }

    /// Title, horizontal lines and their numbers.
    var frame: Markup {
        let lines = stride(from: 0, through: scale.top, by: scale.step).map { value -> Markup in
            """
            <path class="\(value == 0 ? "axis" : "grid")" d="M\(Plot.left) \(y(value))H\(Plot.width - Plot.right)"/>\
            <text class="end" x="\(Plot.left - 8)" y="\(y(value) + 4)">\(Figures.count(value))</text>
            """
        }
        return """
            <text class="name" x="\(Plot.left)" y="\(top - 9)">\(title)</text>
            \(Markup(lines))
            """
    }

    /// A line through the middles of the seconds.
    func line(_ values: [Int], _ colour: Markup) -> Markup {
        let points = values.enumerated().map { second, value -> Markup in
            "\(plot.x(Double(second) + 0.5)),\(y(value))"
        }
        return #"<polyline class="rate" style="--colour: var(--\#(colour))" points="\#(Markup(points))"/>"#
    }

    /// An area below the values at the ends of the seconds, and a shade where there is none.
    func area(_ values: [Int?], _ colour: Markup) -> Markup {
        var pieces: [Markup] = []
        for run in values.indices.chunked(where: { (values[$0] == nil) == (values[$1] == nil) }) {
            let (from, to) = (plot.x(Double(run.lowerBound)), plot.x(Double(run.upperBound)))
            if values[run.lowerBound] == nil {
                pieces.append(
                    #"<rect class="away" x="\#(from)" y="\#(top)" width="\#(to - from)" height="\#(height)"/>"#)
            } else {
                let points = run.map { second -> Markup in "L\(plot.x(Double(second) + 1)) \(y(values[second] ?? 0))" }
                let start = values[run.lowerBound] ?? 0
                pieces.append(
                    """
                    <path class="area" style="--colour: var(--\(colour))" d="M\(from) \(bottom)V\(y(start))\(Markup(points))V\(bottom)Z"/>
                    """)
            }
        }
        return Markup(pieces)
    }
}

extension Range<Int> {
    /// Its parts of which all neighbours belong together.
    fileprivate func chunked(where belongs: (Int, Int) -> Bool) -> [Range<Int>] {
        var parts: [Range<Int>] = []
        for index in self {
            if let last = parts.last, belongs(index - 1, index) {
                parts[parts.count - 1] = last.lowerBound..<index + 1
            } else {
                parts.append(index..<index + 1)
            }
        }
        return parts
    }
}
