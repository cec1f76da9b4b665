import Support
import Terminal

/// The faults of a run, a lane for each kind, grouped and coloured by what they strike.
struct Lanes {
    private static let height = 20.0

    private let plot: Plot
    private let lanes: [(name: String, struck: Struck, faults: [Timeline.Span])]
    private let top: Double

    init(_ plot: Plot, _ faults: [Timeline.Span], top: Double) {
        self.plot = plot
        self.top = top
        lanes = Dictionary(grouping: faults, by: \.fault)
            .map { name, faults in (name, Struck(name), faults) }
            .sorted { ($0.1.rank, $0.0) < ($1.1.rank, $1.0) }
    }

    var bottom: Double { top + Double(lanes.count) * Self.height }

    private func y(_ lane: Int) -> Double { top + Double(lane) * Self.height }

    /// Every other lane has a ground.
    var background: Markup {
        Markup(
            stride(from: 0, to: lanes.count, by: 2).map { lane -> Markup in
                #"<rect class="lane" x="0" y="\#(y(lane))" width="\#(Plot.width)" height="\#(Self.height)"/>"#
            })
    }

    /// Names, numbers and bars; a kill is as wide as can be seen.
    var bars: Markup {
        Markup(
            lanes.enumerated().map { lane, kind -> Markup in
                let bars = kind.faults.map { fault -> Markup in
                    let from = plot.x(fault.begins)
                    let length = fault.ends - fault.begins
                    let lasting = length >= 0.05 ? ", for \(Words.seconds(length))" : ""
                    return """
                        <rect class="fault" x="\(from)" y="\(y(lane) + 4)" width="\(max(2.5, plot.x(fault.ends) - from))" \
                        height="\(Self.height - 8)"><title>\(fault.fault): \(fault.target) at \(Words.clock(fault.begins))\
                        \(lasting)</title></rect>
                        """
                }
                return """
                    <text class="name" x="4" y="\(y(lane) + 14.5)">\(kind.name)</text>\
                    <text class="end" x="\(Plot.left - 8)" y="\(y(lane) + 14.5)">×\(Figures.count(kind.faults.count))</text>
                    <g style="--colour: var(--\(kind.struck.colour))">
                    \(Markup(bars))
                    </g>
                    """
            })
    }

    /// What the colours mean.
    var legend: Markup {
        let struck = Struck.allCases.filter { each in lanes.contains { $0.struck == each } }
        if struck.isEmpty { return "" }
        let items = struck.map { each -> Markup in
            #"<li style="--colour: var(--\#(each.colour))">\#(each.rawValue)</li>"#
        }
        return """
            <ul class="legend" aria-label="What the faults struck">
            \(Markup(items))
            </ul>
            """
    }
}
