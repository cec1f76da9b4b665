import Contract
import Hummingbird
import Runtime
import Terminal

extension Pages {
    /// The form with the body as it is.
    func edit(_ visit: Visit) async throws -> Response {
        let detail = try await desk.detail(of: visit.id)
        guard let bytes = detail.letter.bytes else { throw PageError.wrong("body", "is too large to be edited") }
        let body = EditableBody(bytes)
        return editor(visit, detail, body.kind, body.text)
    }

    /// Shows what an edit changes, or keeps it once that was seen.
    func edited(_ visit: Visit) async throws -> Response {
        let detail = try await desk.detail(of: visit.id)
        let old = detail.letter.bytes ?? []
        let body = EditableBody(old)
        let text = try visit.form["do"] == "set" ? bodyWithField(visit) : visit.form["body"] ?? ""
        if visit.form["do"] == "back" { return editor(visit, detail, body.kind, text) }
        let new = try body.bytes(text)
        if visit.form["do"] == "keep" {
            var question = visit.signed()
            question.id = visit.id
            question.body = String(validating: new, as: UTF8.self)
            question.bodyBase64 = question.body == nil ? Base64.encode(new) : nil
            question.anyway = visit.form["anyway"] == nil ? nil : true
            _ = try await desk.ask(.edit, question, id: visit.action, as: LetterAction.self)
            return .redirect(to: "/letters/\(detail.letter.id)", type: .normal)
        }
        if new == old { return editor(visit, detail, body.kind, text, problem: "Nothing was changed.") }
        return comparison(visit, detail, text, new)
    }

    private func editor(
        _ visit: Visit, _ detail: LetterDetail, _ kind: EditableBody.Kind, _ text: String, problem: String? = nil
    ) -> Response {
        let lines = min(30, max(8, text.count { $0.isNewline } + 2))
        return page("Edit \(detail.letter.id)", visit.visitor) {
            crumbs(detail.letter.id)
            tag("h1") { "Edit the body" }
            tag("p", ["class": "quiet"]) {
                "A replay sends the edited body. The original is kept, and undo brings it back."
            }
            if let problem { alert(problem) }
            if !detail.problems.isEmpty {
                tag("ul", ["class": "problems"]) {
                    for problem in detail.problems { tag("li") { "✘ \(problem.inWords)" } }
                }
            }
            tag("form", ["method": "post", "action": "/letters/\(detail.letter.id)/edit", "class": "stack"]) {
                formToken(visit.visitor)
                tag("div", ["class": "field"]) {
                    tag("label", ["for": "f-body"]) { kind == .hexadecimal ? "Body in hexadecimal" : "Body" }
                    HTML.textarea(
                        [
                            "id": "f-body", "name": "body", "rows": "\(lines)", "spellcheck": "false", "class": "code",
                            "autocapitalize": "off", "autocomplete": "off",
                        ], text)
                }
                tag("div", ["class": "actions"]) {
                    button("Check", .primary, name: "do", value: "check")
                    linkButton("Cancel", "/letters/\(detail.letter.id)", .plain)
                }
            }
            fieldEditor(visit, detail, text)
        }
    }

    private func comparison(_ visit: Visit, _ detail: LetterDetail, _ text: String, _ new: [UInt8]) -> Response {
        let problems = BodyCheck.problems(of: new, routingKey: detail.letter.routingKey)
        return page("Edit \(detail.letter.id)", visit.visitor) {
            crumbs(detail.letter.id)
            tag("h1") { "Is this what you mean?" }
            if problems.isEmpty {
                tag("p", ["class": "good"]) { "✔ It is a valid \(detail.letter.routingKey)." }
            } else {
                alert("It is still not valid:")
                tag("ul", ["class": "problems"]) {
                    for problem in problems { tag("li") { "✘ \(problem.inWords)" } }
                }
            }
            difference(BodyDiff(old: detail.letter.bytes ?? [], new: new))
            tag("form", ["method": "post", "action": "/letters/\(detail.letter.id)/edit", "class": "stack"]) {
                formToken(visit.visitor)
                actionID()
                tag("input", ["type": "hidden", "name": "body", "value": text])
                field("Why", "why", nil, ["maxlength": "500"], hint: "For the record; may stay empty.")
                if !problems.isEmpty {
                    tag("label", ["class": "check"]) {
                        tag("input", ["type": "checkbox", "name": "anyway", "value": "1", "required": ""])
                        " Keep it although it is not valid"
                    }
                }
                tag("div", ["class": "actions"]) {
                    button("Keep it", .primary, name: "do", value: "keep")
                    tag("button", ["class": "secondary", "name": "do", "value": "back", "formnovalidate": ""]) {
                        "Go on editing"
                    }
                    linkButton("Cancel", "/letters/\(detail.letter.id)", .plain)
                }
            }
            fieldEditor(visit, detail, text)
        }
    }

    private func difference(_ difference: BodyDiff) -> HTML {
        tag("pre", ["class": "code diff", "tabindex": "0"]) {
            for line in difference.lines {
                switch line.change {
                case .kept: tag("span", ["class": "line"]) { "  " + line.text }
                case .removed: tag("del", ["class": "line"]) { "- " + line.text }
                case .added: tag("ins", ["class": "line"]) { "+ " + line.text }
                }
                "\n"
            }
        }
    }

    /// The way back to a letter.
    func crumbs(_ id: String) -> HTML {
        tag("p", ["class": "crumbs"]) {
            tag("a", ["href": "/letters"]) { "Letters" }
            " / "
            tag("a", ["href": "/letters/\(id)"]) { tag("code") { id } }
        }
    }

    /// By which a form takes effect once, also when it is sent twice.
    func actionID() -> HTML { tag("input", ["type": "hidden", "name": "action", "value": MessageID.random()]) }
}
