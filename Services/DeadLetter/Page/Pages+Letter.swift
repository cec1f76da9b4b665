import Contract
import Hummingbird
import Runtime
import Terminal

extension Pages {
    /// One letter, with everything that is known of it.
    func letter(_ visit: Visit) async throws -> Response {
        let detail = try await desk.detail(of: visit.id)
        let letter = detail.letter
        return page("Letter \(letter.id)", visit.visitor) {
            tag("p", ["class": "crumbs"]) {
                tag("a", ["href": "/letters"]) { "Letters" }
                " / "
                tag("code") { letter.id }
            }
            tag("h1") {
                letter.detail.isEmpty ? letter.reason : letter.detail.cut(to: 300)
                " "
                badge(letter.status)
            }
            toolbar(detail)
            facts(letter)
            body(detail)
            headers(detail.headers)
            history(detail.history)
        }
    }

    /// The body as it is, to be kept as a file.
    func body(_ visit: Visit) async throws -> Response {
        let detail = try await desk.detail(of: visit.id, upTo: .max)
        return Response(
            status: .ok,
            headers: [
                .contentType: "application/octet-stream",
                .contentDisposition: "attachment; filename=\"\(detail.letter.id).body\"",
            ], body: .init(byteBuffer: ByteBuffer(bytes: detail.letter.bytes ?? [])))
    }

    private func toolbar(_ detail: LetterDetail) -> HTML {
        let one: Form = ["id": detail.letter.id]
        let canUndo = detail.history.contains { ["discarded", "edited"].contains($0.what) && $0.undone != true }
        let isValid = detail.problems.isEmpty
        return tag("div", ["class": "actions"]) {
            if detail.letter.status == .open {
                linkButton("Edit…", "/letters/\(detail.letter.id)/edit", isValid ? .secondary : .primary)
                linkButton("Replay…", one.link("/replay"), isValid ? .primary : .secondary)
                linkButton("Discard…", one.link("/discard"))
            }
            if canUndo { linkButton("Undo…", (["letter": detail.letter.id] as Form).link("/undo")) }
            linkButton("Export", one.link("/export"), .plain)
        }
    }

    private func facts(_ letter: LetterLine) -> HTML {
        tag("dl", ["class": "facts"]) {
            fact("Reason") { letter.reason }
            fact("Queue") { letter.queue }
            fact("Service") { letter.service ?? "none of ours" }
            fact("Given up") { exactTime(letter.at) }
            fact("First failed") { exactTime(letter.firstFailedAt) }
            fact("Tries") { Figures.count(letter.attempts) }
            if let first = letter.firstError, first != letter.detail { fact("First error") { first } }
            fact("Published to") {
                "\(letter.exchange.isEmpty ? "(default)" : letter.exchange) as \(letter.routingKey)"
            }
            fact("Message id") { tag("code") { letter.messageID ?? "none" } }
            fact("Failed alike") {
                tag("a", ["href": (["group": letter.group] as Form).link("/letters")]) { "other letters of this kind" }
            }
        }
    }

    private func fact(_ name: String, @HTMLBuilder _ value: () -> HTML) -> HTML {
        tag("div") {
            tag("dt") { name }
            tag("dd", [:], value)
        }
    }

    private func body(_ detail: LetterDetail) -> HTML {
        tag("section", ["aria-labelledby": "body"]) {
            tag("h2", ["id": "body"]) {
                "Body "
                tag("span", ["class": "quiet"]) { "\(Figures.count(detail.letter.size)) bytes" }
                " "
                tag("a", ["class": "quiet", "href": "/letters/\(detail.letter.id)/body"]) { "Download" }
            }
            if let bytes = detail.letter.bytes {
                code(ReadableBody(bytes, problems: detail.problems))
            } else {
                tag("p", ["class": "empty"]) { "It is too large to be shown." }
            }
            if let original = detail.original {
                tag("details") {
                    tag("summary") { "The body as it first came" }
                    code(ReadableBody(Array(original.utf8), problems: []))
                }
            }
        }
    }

    private func headers(_ headers: [String: String]) -> HTML {
        let own = headers.filter { !$0.key.hasPrefix("caramelo-") || $0.key == "caramelo-cc" }
        return tag("section", ["aria-labelledby": "headers"]) {
            tag("h2", ["id": "headers"]) { "Headers and properties" }
            tag("dl", ["class": "headers"]) {
                for (name, value) in own.sorted(by: { $0.key < $1.key }) {
                    fact(name) { tag("code") { value } }
                }
            }
        }
    }

    private func history(_ history: [LetterEvent]) -> HTML {
        tag("section", ["aria-labelledby": "history"]) {
            tag("h2", ["id": "history"]) { "What was done with it" }
            if history.isEmpty { tag("p", ["class": "quiet"]) { "Nothing so far." } }
            tag("ol", ["class": "history"]) {
                for event in history {
                    tag("li", ["class": event.undone == true ? "undone" : nil]) {
                        tag("strong") { event.what }
                        if let by = event.by { " by \(by)" }
                        if event.undone == true { ", undone since" }
                        " "
                        tag("span", ["class": "quiet"]) { exactTime(event.at) }
                        if let why = event.why { tag("p") { why } }
                        links(event)
                    }
                }
            }
        }
    }

    private func links(_ event: LetterEvent) -> HTML {
        HTML {
            if let action = event.action {
                switch event.what {
                case "sent", "replayed", "failed": tag("a", ["href": Form.path("replays", action)]) { "The replay" }
                case "discarded", "edited":
                    if event.undone != true {
                        tag("a", ["href": (["action": action] as Form).link("/undo")]) { "Undo…" }
                    }
                default: HTML()
                }
            }
        }
    }

    /// A body, with what is wrong beside its lines.
    func code(_ body: ReadableBody) -> HTML {
        HTML {
            tag("pre", ["class": "code", "tabindex": "0"]) {
                for line in body.lines {
                    tag("span", ["class": line.problem == nil ? "line" : "line wrong"]) {
                        line.text
                        if let problem = line.problem { tag("mark") { "✘ \(problem)" } }
                    }
                    "\n"
                }
            }
            if body.isCut {
                tag("p", ["class": "quiet"]) { "Only the first lines are shown; download it for the rest." }
            }
            if !body.rest.isEmpty {
                tag("ul", ["class": "problems"]) {
                    for problem in body.rest { tag("li") { "✘ \(problem.inWords)" } }
                }
            }
        }
    }
}
