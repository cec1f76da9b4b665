import Contract
import Hummingbird
import Runtime
import Terminal

extension Pages {
    /// The start: what failed, and why.
    func groups(_ visit: Visit) async throws -> Response {
        let filter = try LetterFilter(visit.query)
        var question = LetterQuestion()
        question.selection = filter.selection
        let summary = try await desk.ask(.summary, question, as: LetterSummary.self)
        let running = try await desk.ask(.replays, LetterQuestion(), as: ReplayList.self).replays
            .filter { $0.state != .finished }
        let isAll = filter["status"] == "all"
        return page("Groups", visit.visitor) {
            tag("h1") { "What failed, and why" }
            counts(summary.letters)
            for replay in running.prefix(3) { current(replay) }
            tag("div", ["class": "switch"]) {
                tag("a", ["href": "/", "aria-current": isAll ? nil : "true"]) { "Unresolved" }
                tag("a", ["href": "/?status=all", "aria-current": isAll ? "true" : nil]) { "All" }
            }
            if summary.groups.isEmpty {
                tag("p", ["class": "empty"]) {
                    isAll ? "No message has failed so far." : "Nothing is left to be done: no letter is unresolved."
                }
            }
            tag("ul", ["class": "groups"]) { for group in summary.groups { row(group, isAll: isAll) } }
            if summary.more > 0 {
                tag("p", ["class": "quiet"]) { "… and \(Figures.count(summary.more)) more groups" }
            }
        }
    }

    private func counts(_ counts: [String: Int]) -> HTML {
        tag("ul", ["class": "counts"]) {
            for status in LetterStatus.allCases {
                tag("li") {
                    tag("a", ["href": "/letters?status=\(status.rawValue)"]) {
                        tag("strong") { Figures.count(counts[status.rawValue] ?? 0) }
                        tag("span") { status.rawValue }
                    }
                }
            }
        }
    }

    private func current(_ replay: ReplayReport) -> HTML {
        tag("p", ["class": replay.state == .stopped ? "alert" : "note"]) {
            "A replay of \(count(replay.letters)) "
            replay.state == .stopped ? "is stopped: \(replay.note ?? "somebody stopped it"). " : "is running. "
            tag("a", ["href": Form.path("replays", replay.replay)]) { "Look at it" }
        }
    }

    private func row(_ group: LetterGroup, isAll: Bool) -> HTML {
        var form: Form = ["group": group.id]
        if isAll { form.add("status", "all") }
        return tag("li") {
            tag("div", ["class": "count"]) {
                tag("strong") { Figures.count(isAll ? group.letters : group.unresolved) }
                if isAll { tag("span") { "\(Figures.count(group.unresolved)) unresolved" } }
            }
            tag("div", ["class": "what"]) {
                tag("h2") {
                    tag("a", ["href": form.link("/letters")]) {
                        group.signature.isEmpty ? group.reason : group.signature
                    }
                }
                tag("p", ["class": "quiet"]) {
                    tag("span", ["class": "reason"]) { group.reason }
                    tag("span") { group.service ?? "no service of ours" }
                    tag("span") { group.queues.joined(separator: ", ") }
                }
            }
            tag("div", ["class": "when"]) {
                sparkline(group.trend)
                tag("p", ["class": "quiet"]) {
                    if group.letters > 1 {
                        tag("span") {
                            "last "
                            time(group.last)
                        }
                        tag("span") {
                            "first "
                            time(group.first)
                        }
                    } else {
                        time(group.last)
                    }
                }
            }
            tag("div", ["class": "actions"]) {
                if group.unresolved > 0 {
                    linkButton("Replay…", (["group": group.id] as Form).link("/replay"))
                    linkButton("Discard…", (["group": group.id] as Form).link("/discard"), .plain)
                }
            }
        }
    }
}
