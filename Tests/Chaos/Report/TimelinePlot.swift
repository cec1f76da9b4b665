import Support
import Terminal

extension Report {
    /// Rates, backlog and faults over the run's seconds, as a drawing.
    static func timeline(_ timeline: Timeline) -> Markup {
        let plot = Plot(timeline)
        let seconds = timeline.seconds
        let rates = Panel(
            plot, "commands and outcomes, a second", top: 54, height: 150,
            maximum: seconds.map { max($0.confirmed, $0.outcomes) }.max() ?? 0)
        let backlog = Panel(
            plot, "backlog, messages", top: rates.bottom + 38, height: 90,
            maximum: seconds.compactMap(\.backlog).max() ?? 0)
        let lanes = Lanes(plot, timeline.faults, top: backlog.bottom + 20)
        let times = plot.ticks.map { second -> Markup in
            """
            <path class="grid" d="M\(plot.x(second)) \(rates.top)V\(lanes.bottom + 5)"/>\
            <text class="middle" x="\(plot.x(second))" y="\(lanes.bottom + 20)">\(Words.clock(second))</text>
            """
        }
        let marks = [("healed", timeline.healed, 18.0), ("quiet", timeline.quiet, 36.0)].compactMap { name, second, y in
            second.map { mark(name, x: plot.x($0), y: y, to: lanes.bottom) }
        }
        return """
            <section>
            <h2>Timeline</h2>
            <ul class="legend">
            <li style="--colour: var(--confirmed)">commands confirmed a second</li>
            <li style="--colour: var(--outcomes)">outcomes seen a second</li>
            <li style="--colour: var(--backlog)">backlog: messages in all work queues</li>
            <li style="--colour: var(--line)">the broker couldn’t say</li>
            </ul>
            <div class="wide" role="region" aria-label="Timeline" tabindex="0">
            <svg viewBox="0 0 \(Plot.width) \(lanes.bottom + 28)" role="img" aria-labelledby="plot-title plot-text">
            <title id="plot-title">Load, backlog and faults over \(Words.clock(plot.length)) minutes</title>
            <desc id="plot-text">\(description(timeline))</desc>
            \(lanes.background)
            \(backlog.area(bridged(seconds.map(\.backlog)), "backlog"))
            \(Markup(times))
            \(rates.frame)
            \(backlog.frame)
            \(rates.line(seconds.map(\.confirmed), "confirmed"))
            \(rates.line(seconds.map(\.outcomes), "outcomes"))
            \(lanes.bars)
            \(Markup(marks))
            </svg>
            </div>
            \(lanes.legend)
            </section>
            """
    }

    /// Readings that are a few seconds apart, since nobody asked more often, are no silence of the broker's.
    static func bridged(_ readings: [Int?]) -> [Int?] {
        var (readings, last) = (readings, Int?.none)
        for (second, reading) in readings.enumerated() where reading != nil {
            if let last, second - last <= 4 {
                for between in last + 1..<second { readings[between] = readings[last] }
            }
            last = second
        }
        return readings
    }

    private static func mark(_ name: String, x: Double, y: Double, to bottom: Double) -> Markup {
        """
        <path class="mark \(name)" d="M\(x) \(y - 12)V\(bottom)"/>\
        <text class="mark-name end" x="\(x - 6)" y="\(y)">\(name)</text>
        """
    }

    /// What the drawing shows, for those who don't see it.
    static func description(_ timeline: Timeline) -> String {
        var parts: [String] = []
        let seconds = timeline.seconds
        if let confirmed = seconds.map(\.confirmed).max(), let outcomes = seconds.map(\.outcomes).max() {
            parts.append(
                "Up to \(Figures.count(confirmed)) commands confirmed and \(Figures.count(outcomes)) outcomes seen a second."
            )
        }
        let backlogs = seconds.enumerated().compactMap { second, each in each.backlog.map { (second, $0) } }
        if let (second, backlog) = backlogs.max(by: { $0.1 < $1.1 }) {
            parts.append(
                "The backlog was \(Words.count(backlog, "message")) at most, at \(Words.clock(Double(second))).")
        }
        if let first = timeline.faults.map(\.begins).min(), let last = timeline.faults.map(\.ends).max() {
            parts.append(
                "\(Words.count(timeline.faults.count, "fault")) from \(Words.clock(first)) to \(Words.clock(last)).")
        }
        if let healed = timeline.healed { parts.append("All was healed at \(Words.clock(healed)).") }
        if let quiet = timeline.quiet { parts.append("Nothing was left to be done at \(Words.clock(quiet)).") }
        return parts.joined(separator: " ")
    }
}
