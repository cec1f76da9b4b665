import Foundation
import Support
import Terminal

extension Results {
    /// The page for people.
    var page: Page {
        Page(
            title: sentence, style: LogPlot.style,
            header: """
                <p class="about">Caramelo benchmark, \(setup.description)</p>
                <h1>\(sentence)</h1>
                <p class="\(isComplete ? "good" : "bad")">\(sum)</p>
                """,
            main: Markup([curves, throughputSection, latencySection, partsSection, backlogSection, startUpSection]))
    }

    /// The most important figure, in one line.
    var sentence: String {
        guard let own = middle(of: "caramelo") else {
            let slowest = rates.last { $0.subject == "caramelo" }
            guard let slowest, let rate = slowest.rate, let outcome = slowest.outcome else { return "A benchmark" }
            return "At \(Figures.count(Int(rate))) bookings a second: p99 \(outcome.p99.milliseconds)"
        }
        let share = share(of: "caramelo").map { ", \($0.decimals(2)) of what the broker can do" } ?? ""
        return "\(Figures.count(Int(own.outcomesPerSecond))) bookings a second\(share)"
    }

    private var curves: Markup {
        let measured = rates.filter { $0.outcome != nil }
        if measured.isEmpty { return "" }
        let nines = max(2, log10(Double(measured.map(\.sent).max() ?? 100)))
        let distinct = Array(Set(measured.compactMap(\.rate))).sorted()
        let lines = measured.map { measurement in
            let index = distinct.firstIndex(of: measurement.rate ?? 0) ?? 0
            return LogPlot.Line(
                name: "\(measurement.subject), \(Figures.count(Int(measurement.rate ?? 0))) a second",
                colour: LogPlot.colours[index % LogPlot.colours.count], isDashed: measurement.subject == "raw",
                points: (measurement.outcome?.curve ?? []).map { point in
                    let distance = max(1 - point.percentile / 100, pow(10, -nines))
                    return (-log10(distance) / nines, point.milliseconds)
                })
        }
        let marks = [
            (0.0, "0"), (1, "90 %"), (2, "99 %"), (3, "99.9 %"), (4, "99.99 %"), (5, "99.999 %"), (6, "99.9999 %"),
        ]
        let plot = LogPlot(
            title: "Latency by percentile",
            description: lines.map { "\($0.name): up to \(($0.points.last?.milliseconds ?? 0).milliseconds)" }
                .joined(separator: "; "),
            marks: marks.filter { $0.0 <= nines }.map { ($0.0 / nines, $0.1) }, lines: lines)
        return """
            <section>
            <h2>Latency by percentile</h2>
            <p>From when a request was due, whether it could be sent then or not, until its outcome arrived.</p>
            \(plot.markup)
            </section>
            """
    }

    private var throughputSection: Markup {
        let rows = subjects.compactMap { subject in
            middle(of: subject).map { middle in
                [
                    subject, Figures.count(middle.sent), Figures.count(Int(middle.outcomesPerSecond)),
                    share(of: subject)?.decimals(2) ?? "–",
                    throughput.filter { $0.subject == subject }.map { Figures.count(Int($0.outcomesPerSecond)) }
                        .joined(separator: ", "),
                ]
            }
        }
        return Markup.table(
            "Throughput",
            "As fast as the broker confirms, with \(Publisher.window) without a confirm; the middle one of the rounds",
            ["Subject", "Requests", "Outcomes a second", "Of raw", "Rounds"], rows)
    }

    private var latencySection: Markup {
        Markup.table(
            "Latency in milliseconds", "Until the broker had confirmed a request, and until its outcome arrived",
            ["Subject", "A second", "Confirm p50", "p99", "Outcome p50", "p90", "p99", "p99.9", "Max"],
            rates.compactMap { measurement in
                guard let rate = measurement.rate, let confirm = measurement.confirm, let outcome = measurement.outcome
                else { return nil }
                let times = [
                    confirm.p50, confirm.p99, outcome.p50, outcome.p90, outcome.p99, outcome.p999, outcome.max,
                ]
                return [measurement.subject, Figures.count(Int(rate))] + times.map { $0.decimals(2) }
            })
    }

    private var partsSection: Markup {
        let parts = (middle(of: "caramelo") ?? rates.last)?.parts ?? []
        return Self.table("What the parts used", parts)
    }

    private static func table(_ title: String, _ parts: [Measurement.Part]) -> Markup {
        Markup.table(
            title, "Processor time a booking, and own memory (RssAnon) of the largest process",
            ["Part", "Processes", "CPU ms", "MB before", "Most", "After"],
            parts.map { part in
                [part.name, "\(part.processes)", part.processorMilliseconds.decimals(3)]
                    + [part.megabytesBefore, part.megabytesMost, part.megabytesAfter].map { $0.decimals(1) }
            })
    }

    private var backlogSection: Markup {
        guard let backlog else { return "" }
        return """
            <section>
            <h2>A backlog of \(Figures.count(backlog.requests)) requests</h2>
            \(Markup(backlog.lines.map { "<p>\($0)</p>" }))
            </section>
            \(Self.table("What the parts used meanwhile", backlog.parts))
            """
    }

    private var startUpSection: Markup {
        Markup.table(
            "Start-up", "From the start of a process until the broker handed it its first message",
            ["Service", "Milliseconds"], startUps.map { [$0.service, $0.milliseconds.decimals(0)] })
    }
}

extension Results.Setup {
    /// Where and when, in one line.
    var description: String {
        let place =
            deployment ?? "\(processors) processors (\(processor)), \(gigabytes) GB, servers on the same machine"
        let replicas = replicas.map { ", \($0) of each service" } ?? ""
        let stored = stored.map { $0 > 0 ? ", \(Figures.count($0)) bookings stored before" : "" } ?? ""
        return "\(place)\(replicas)\(stored), \(at)"
    }
}

extension Markup {
    /// A section with a table, of which the first column has names and the others numbers; nothing without rows.
    static func table(_ title: String, _ caption: String, _ headings: [String], _ rows: [[String]]) -> Markup {
        if rows.isEmpty { return "" }
        func cells(_ row: [String]) -> Markup {
            Markup(
                row.enumerated().map { index, text -> Markup in
                    index == 0 ? #"<th scope="row">\#(text)</th>"# : #"<td class="number">\#(text)</td>"#
                })
        }
        let head = headings.enumerated().map { index, text -> Markup in
            index == 0 ? #"<th scope="col">\#(text)</th>"# : #"<th scope="col" class="number">\#(text)</th>"#
        }
        return """
            <section>
            <h2>\(title)</h2>
            <div class="wide">
            <table>
            <caption>\(caption)</caption>
            <thead><tr>\(Markup(head))</tr></thead>
            <tbody>
            \(Markup(rows.map { "<tr>\(cells($0))</tr>" }))
            </tbody>
            </table>
            </div>
            </section>
            """
    }
}
