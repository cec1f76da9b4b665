import Support
import Terminal

extension Report {
    /// How long it took to replace the replicas of each service.
    static func handovers(_ handovers: [Verdict.Handover]) -> Markup {
        if handovers.isEmpty { return "" }
        let services = Dictionary(grouping: handovers, by: \.service).sorted { $0.key < $1.key }
        let rows = services.map { service, handovers -> Markup in
            let endings = handovers.map(\.ending).sorted()
            let starts = handovers.compactMap(\.starting).sorted()
            let times = [(0.5, endings), (1, endings), (0.5, starts), (1, starts)].map { share, sorted -> Markup in
                let text = sorted.isEmpty ? "never" : Words.brief(sorted.percentile(share))
                return #"<td class="number">\#(text)</td>"#
            }
            return """
                <tr><th scope="row">\(service)</th><td class="number">\(Figures.count(handovers.count))</td>\(Markup(times))</tr>
                """
        }
        return """
            <section>
            <h2>Replaced replicas</h2>
            <div class="wide" role="region" aria-label="Replaced replicas" tabindex="0">
            <table class="matrix">
            <caption>From the signal until the process had ended, and from then until its successor was ready</caption>
            <thead><tr><th scope="col">Service</th><th scope="col" class="number">Replaced</th>\
            <th scope="col" class="number">Ended, median</th><th scope="col" class="number">longest</th>\
            <th scope="col" class="number">Ready, median</th><th scope="col" class="number">longest</th></tr></thead>
            <tbody>
            \(Markup(rows))
            </tbody>
            </table>
            </div>
            </section>
            """
    }
}

extension Verdict.Handover {
    /// Whose replica it was.
    var service: String { String(replica.prefix { $0 != "/" }) }
}
