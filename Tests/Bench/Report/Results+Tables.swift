import Foundation
import Terminal

extension Results {
    /// Writes it as tables for people.
    func write(to output: Output) {
        if !throughput.isEmpty {
            heading("Throughput: as fast as the broker confirms, the middle one of the rounds", output)
            throughputTable.write(to: output, indent: 2)
        }
        if !rates.isEmpty {
            heading("Latency in milliseconds, from when a request was due until its outcome arrived", output)
            latencyTable.write(to: output, indent: 2)
        }
        if let parts = (middle(of: "caramelo") ?? rates.last)?.parts, !parts.isEmpty {
            heading("What the parts used: processor time a booking, own memory of the largest process", output)
            Self.table(of: parts).write(to: output, indent: 2)
        }
        if let backlog {
            heading("A backlog of \(Figures.count(backlog.requests)) requests", output)
            for line in backlog.lines { output.line("  " + line) }
            Self.table(of: backlog.parts).write(to: output, indent: 2)
        }
        if !startUps.isEmpty {
            heading("From the start of a process until it is handed its first message", output)
            for startUp in startUps {
                output.line("  \(startUp.service.padded(to: 18))\(startUp.milliseconds.milliseconds)")
            }
        }
        output.line()
        let style: Style = isComplete ? .green : .red
        output.line(output.styled(sum, style))
    }

    private func heading(_ text: String, _ output: Output) {
        output.line()
        output.line(output.styled(text, .bold))
    }

    /// Whether all that was sent came out again.
    var sum: String {
        let numbers = "\(Figures.count(booked)) outcomes, \(Figures.count(counted)) bookings in the report"
        return isComplete
            ? "Everything that was sent has its outcome and is counted: \(numbers)."
            : "Something is missing: \(numbers)."
    }

    /// The pace of a subject over that of the broker alone; nil where that is not known.
    func share(of subject: String) -> Double? {
        guard let raw = middle(of: "raw"), let own = middle(of: subject), raw.outcomesPerSecond > 0 else { return nil }
        return own.outcomesPerSecond / raw.outcomesPerSecond
    }

    /// What was measured, in the order it was.
    var subjects: [String] { ["raw", "caramelo"].filter { middle(of: $0) != nil } }

    private var throughputTable: Table {
        var table = Table([
            .text("SUBJECT"), .number("REQUESTS"), .number("OUTCOMES/S"), .number("OF RAW"), .number("LEAST"),
            .number("MOST"),
        ])
        for subject in subjects {
            guard let middle = middle(of: subject) else { continue }
            let paces = throughput.filter { $0.subject == subject }.map { Int($0.outcomesPerSecond) }
            table.add([
                .init(subject, .bold), .init(Figures.count(middle.sent)),
                .init(Figures.count(Int(middle.outcomesPerSecond)), .bold),
                .init(share(of: subject).map { $0.decimals(2) } ?? ""),
                .init(Figures.count(paces.min() ?? 0)), .init(Figures.count(paces.max() ?? 0)),
            ])
        }
        return table
    }

    private var latencyTable: Table {
        var table = Table([
            .text("SUBJECT"), .number("A SECOND"), .number("CONFIRM p50"), .number("p99"), .number("OUTCOME p50"),
            .number("p90"), .number("p99"), .number("p99.9"), .number("MAX"),
        ])
        for measurement in rates {
            guard let rate = measurement.rate, let confirm = measurement.confirm, let outcome = measurement.outcome
            else { continue }
            let times = [confirm.p50, confirm.p99, outcome.p50, outcome.p90, outcome.p99, outcome.p999, outcome.max]
            table.add(
                [.init(measurement.subject, .bold), .init(Figures.count(Int(rate)))]
                    + times.map { .init($0.decimals(2)) })
        }
        return table
    }

    private static func table(of parts: [Measurement.Part]) -> Table {
        var table = Table([
            .text("PART"), .number("PROCESSES"), .number("CPU ms"), .number("MB BEFORE"), .number("MOST"),
            .number("AFTER"),
        ])
        for part in parts {
            table.add(
                [.init(part.name, .bold), .init("\(part.processes)"), .init(part.processorMilliseconds.decimals(3))]
                    + [part.megabytesBefore, part.megabytesMost, part.megabytesAfter].map { .init($0.decimals(1)) })
        }
        let services = parts.filter(\.isService).reduce(0) { $0 + $1.processorMilliseconds }
        table.add([.init("all services", .bold), "", .init(services.decimals(3), .bold), "", "", ""])
        return table
    }
}

extension Measurement.Part {
    /// Whether it is one of ours.
    var isService: Bool { name.first?.isLowercase == true && !name.contains(" ") }
}

extension Backlog {
    /// What it showed, in a few lines.
    var lines: [String] {
        let paces = tenths.map { Figures.count(Int($0)) }.joined(separator: ", ")
        return [
            "\(Figures.count(Int(outcomesPerSecond))) outcomes a second, from the start of the services on; the first after \(secondsToFirst.decimals(1)) s, all after \(seconds.decimals(1)) s",
            "the pace of each tenth: \(paces) a second; the last over the first: \(evenness.decimals(2))",
        ]
    }
}

extension Double {
    /// With so many decimals, such as `1,234.50`.
    func decimals(_ count: Int) -> String {
        let text = String(format: "%.\(count)f", magnitude)
        let decimals = text.drop { $0 != "." }
        let whole = Int(text.prefix { $0 != "." }) ?? 0
        return (self < 0 ? "-" : "") + Figures.count(whole) + decimals
    }
}
