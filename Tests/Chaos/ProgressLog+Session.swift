import Support
import Terminal

extension ProgressLog {
    /// Notes the backlog every second and prints a line every five, until it is cancelled.
    /// - Parameter backlog: the services' backlog by queue; nil where nobody can tell.
    func watch(_ session: Session, backlog: (@Sendable () async -> [String: Int]?)? = nil) async {
        var reported = 0
        var tick = 0
        while !Task.isCancelled {
            let waiting = await backlog?()
            session.timeline.note { $0.backlog = waiting?.values.reduce(0, +) }
            tick += 1
            if tick % 5 == 0 {
                let faults = session.timeline.timeline.faults
                let recent = faults.dropFirst(reported).map { "\($0.fault) \($0.target)" }
                reported = faults.count
                line(
                    text(session, waiting, isKnown: backlog != nil)
                        + (recent.isEmpty ? "" : "; " + recent.joined(separator: ", ")))
            }
            try? await Task.sleep(for: .seconds(1))
        }
    }

    private func text(_ session: Session, _ waiting: [String: Int]?, isKnown: Bool) -> String {
        let longest = (waiting ?? [:]).max { $0.value < $1.value }
        let outcomes = session.timeline.timeline.seconds.reduce(0) { $0 + $1.outcomes }
        return [
            "\(Figures.count(session.load.sent)) sent", "\(Figures.count(session.load.confirmed)) confirmed",
            "\(Figures.count(outcomes)) outcomes",
            isKnown ? "backlog \(waiting.map { Figures.count($0.values.reduce(0, +)) } ?? "unknown")" : nil,
        ].compactMap(\.self).joined(separator: ", ") + (longest.map { " (\($0.key))" } ?? "")
    }
}
