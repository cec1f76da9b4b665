import Contract
import Hummingbird
import Runtime
import Terminal

extension Pages {
    private static let pageSize = 50

    /// Letters, filtered, page by page.
    func letters(_ visit: Visit) async throws -> Response {
        let filter = try LetterFilter(visit.query)
        var question = LetterQuestion()
        question.selection = filter.selection
        question.limit = Self.pageSize
        question.after = visit.query["after"].flatMap { Int($0) }
        let found = try await desk.ask(.list, question, as: LetterPage.self)
        return page("Letters", visit.visitor) {
            tag("h1") { "Letters" }
            filterForm(filter)
            tag("div", ["class": "toolbar"]) {
                tag("p", ["class": "quiet"]) { caption(found, filter, isFirst: question.after == nil) }
                if !found.letters.isEmpty {
                    linkButton("Replay these…", filter.said.link("/replay"))
                    linkButton("Discard these…", filter.said.link("/discard"), .plain)
                    linkButton("Export", filter.form.link("/export"), .plain)
                }
                linkButton("Import…", "/import", .plain)
            }
            if found.letters.isEmpty {
                tag("p", ["class": "empty"]) { "No letter is like that." }
            } else {
                tag("form", ["method": "get", "action": "/replay"]) {
                    table(found.letters)
                    tag("div", ["class": "actions"]) {
                        tag("button", ["class": "secondary"]) { "Replay the ticked…" }
                        tag("button", ["class": "plain", "formaction": "/discard"]) { "Discard the ticked…" }
                    }
                }
            }
            paging(found, filter, isFirst: question.after == nil)
        }
    }

    private func caption(_ found: LetterPage, _ filter: LetterFilter, isFirst: Bool) -> String {
        let shown = found.letters.count
        guard isFirst, let total = found.next == nil ? shown : found.total else {
            return "\(count(shown)) on this page, the latest first"
        }
        if total == shown { return "\(count(total)), the latest first" }
        return "the \(shown) latest of \(count(total))"
    }

    private func filterForm(_ filter: LetterFilter) -> HTML {
        let status = filter.selection.effectiveStatus
        let isOpen = ["queue", "reason", "service", "since", "until"].contains { filter[$0] != nil }
        return tag("form", ["method": "get", "action": "/letters", "class": "filters", "role": "search"]) {
            if let group = filter["group"] {
                tag("p", ["class": "note"]) {
                    "Only letters that failed alike (group "
                    tag("code") { group }
                    "). "
                    tag("a", ["href": "/letters"]) { "Show all" }
                }
                tag("input", ["type": "hidden", "name": "group", "value": group])
            }
            tag("div", ["class": "row"]) {
                field(
                    "Search", "contains", filter["contains"], ["placeholder": "in body, error or message id"],
                    type: "search")
                tag("div", ["class": "field"]) {
                    tag("label", ["for": "f-status"]) { "Status" }
                    tag("select", ["id": "f-status", "name": "status"]) {
                        for choice in LetterSelection.Status.allCases {
                            tag("option", ["value": choice.rawValue, "selected": choice == status ? "" : nil]) {
                                choice.rawValue
                            }
                        }
                    }
                }
                button("Show", .primary)
            }
            tag("details", ["open": isOpen ? "" : nil]) {
                tag("summary") { "More filters" }
                tag("div", ["class": "row"]) {
                    field("Queue", "queue", filter["queue"])
                    field("Reason", "reason", filter["reason"])
                    field("Service", "service", filter["service"])
                    field("Since", "since", filter["since"], ["placeholder": "2h, 3d, 2026-11-21"])
                    field("Until", "until", filter["until"], ["placeholder": "1h, 2026-11-21T10:00:00Z"])
                }
            }
        }
    }

    private func table(_ letters: [LetterLine]) -> HTML {
        tag("table", ["class": "letters"]) {
            tag("thead") {
                tag("tr") {
                    tag("th", ["scope": "col"]) { tag("span", ["class": "unseen"]) { "Tick" } }
                    for name in ["Error", "Queue", "Given up", "Tries", "Status"] {
                        tag("th", ["scope": "col"]) { name }
                    }
                }
            }
            tag("tbody") { for letter in letters { row(letter) } }
        }
    }

    private func row(_ letter: LetterLine) -> HTML {
        tag("tr") {
            tag("td", ["class": "tick"]) {
                tag(
                    "input",
                    ["type": "checkbox", "name": "id", "value": letter.id, "aria-label": "Letter \(letter.id)"])
            }
            tag("td", ["class": "error"]) {
                tag("a", ["href": "/letters/\(letter.id)"]) {
                    letter.detail.isEmpty ? letter.reason : letter.detail.cut(to: 160)
                }
                tag("p", ["class": "quiet"]) {
                    tag("span", ["class": "reason"]) { letter.reason }
                    tag("code") { letter.id }
                }
            }
            tag("td", ["data-label": "Queue"]) { letter.queue }
            tag("td", ["data-label": "Given up", "class": "nowrap"]) { time(letter.at) }
            tag("td", ["data-label": "Tries", "class": "number"]) { Figures.count(letter.attempts) }
            tag("td", ["data-label": "Status"]) { badge(letter.status) }
        }
    }

    private func paging(_ found: LetterPage, _ filter: LetterFilter, isFirst: Bool) -> HTML {
        tag("nav", ["class": "actions", "aria-label": "Pages"]) {
            if !isFirst { linkButton("First page", filter.form.link("/letters"), .plain) }
            if let next = found.next { linkButton("Next page", address(filter, after: next), .secondary) }
        }
    }

    private func address(_ filter: LetterFilter, after place: Int) -> String {
        var form = filter.form
        form.add("after", "\(place)")
        return form.link("/letters")
    }
}
