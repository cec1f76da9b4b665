import Support
import Terminal

extension Report {
    /// The gaps in the order of a message's way, of which those that occur in no row are left out.
    private static let gapOrder = ["received", "stored", "published", "confirmed", "acked"]

    /// How often each gap was hit: a row for each queue and kind of message, a column for each gap.
    static func gaps(_ gaps: [Verdict.Gap]) -> Markup {
        if gaps.isEmpty { return "" }
        let names = Set(gaps.map(\.gap))
        let columns = gapOrder.filter(names.contains) + names.subtracting(gapOrder).sorted()
        let hits = Dictionary(gaps.map { ([$0.queue, $0.key, $0.gap], $0.hits) }, uniquingKeysWith: +)
        let missed = hits.values.count { $0 == 0 }
        let queues = Dictionary(grouping: gaps, by: \.queue).sorted { $0.key < $1.key }
        let bodies = queues.map { queue, gaps -> Markup in
            let kinds = Set(gaps.map(\.key)).sorted()
            let rows = kinds.map { kind -> Markup in
                let cells = columns.map { cell(hits[[queue, kind, $0]]) }
                return #"<tr><th scope="row">\#(kind)</th>\#(Markup(cells))</tr>"#
            }
            return """
                <tbody>
                <tr><th scope="rowgroup" colspan="\(columns.count + 1)" class="group">\(queue)</th></tr>
                \(Markup(rows))
                </tbody>
                """
        }
        let heads = columns.map { name -> Markup in #"<th scope="col" class="number">\#(name)</th>"# }
        return """
            <section>
            <h2>Gaps</h2>
            <p>Random kills rarely hit the moments that matter. So services were killed on purpose right after a message was
            <em>received</em>, its effect <em>stored</em>, what follows from it <em>published</em> and <em>confirmed</em>,
            and it was <em>acked</em>. A dash: the step does not occur.</p>
            <div class="wide" role="region" aria-label="Gaps hit" tabindex="0">
            <table class="matrix">
            <caption>Kills in each gap, by queue and kind of message; \(missed == 0 ? "every gap was hit" : "\(missed) of \(hits.count) were not hit")</caption>
            <thead><tr><th scope="col">Queue and kind</th>\(Markup(heads))</tr></thead>
            \(Markup(bodies))
            </table>
            </div>
            </section>
            """
    }

    private static func cell(_ hits: Int?) -> Markup {
        switch hits {
        case nil: #"<td class="number none">–</td>"#
        case 0: #"<td class="number bad">0</td>"#
        case .some(let hits): #"<td class="number good">\#(Figures.count(hits))</td>"#
        }
    }
}
