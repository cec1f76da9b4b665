import Contract
import Hummingbird
import Runtime
import Terminal

extension Pages {
    /// Asks for the reason.
    func planDiscard(_ visit: Visit) async throws -> Response {
        let filter = try someLetters(visit.query)
        let plan = try await plan(filter)
        let letters = plan.letters + plan.refused.reduce(0) { $0 + $1.letters }
        return page("Discard", visit.visitor) {
            tag("h1") { letters == 0 ? "Nothing to discard" : "Discard \(count(letters))" }
            tag("p", ["class": "quiet"]) {
                letters == 0
                    ? "None of them is open: they were replayed or discarded already. "
                    : "They are of no use, and leave the lists of what is to be done. Undo brings them back. "
                tag("a", ["href": filter.form.link("/letters")]) { "See these letters" }
            }
            if letters > 0 {
                tag("form", ["method": "post", "action": "/discard", "class": "stack"]) {
                    formToken(visit.visitor)
                    actionID()
                    hidden(filter.pinned)
                    field("Why", "why", nil, ["required": "", "maxlength": "500"], hint: "For the record.")
                    tag("div", ["class": "actions"]) {
                        button("Discard \(count(letters))", .danger)
                        linkButton("Cancel", filter.form.link("/letters"), .plain)
                    }
                }
            }
        }
    }

    func discard(_ visit: Visit) async throws -> Response {
        var question = visit.signed()
        question.selection = try someLetters(visit.form).selection
        let action = try await desk.ask(.discard, question, id: visit.action, as: LetterAction.self)
        // The page of an answer to a form: sent again, it does the same once.
        return page("Discarded", visit.visitor) {
            tag("h1") { "\(count(action.letters)) discarded" }
            tag("form", ["method": "post", "action": "/undo", "class": "actions"]) {
                formToken(visit.visitor)
                actionID()
                tag("input", ["type": "hidden", "name": "undo", "value": action.action])
                linkButton("To the groups", "/", .primary)
                button("Undo")
            }
        }
    }

    /// Asks whether to undo an action, or the last one of a letter.
    func planUndo(_ visit: Visit) async throws -> Response {
        let (action, letter) = (visit.query["action"], visit.query["letter"])
        guard action != nil || letter != nil else { throw PageError.wrong("action", "is missing") }
        return page("Undo", visit.visitor) {
            tag("h1") { "Undo" }
            tag("p") {
                action == nil
                    ? "The last edit or discard that letter \(letter ?? "") was part of is taken back, for all letters that it concerned."
                    : "The action is taken back, for all letters that it concerned and that were not changed since."
            }
            tag("form", ["method": "post", "action": "/undo", "class": "stack"]) {
                formToken(visit.visitor)
                actionID()
                tag("input", ["type": "hidden", "name": action == nil ? "letter" : "undo", "value": action ?? letter])
                field("Why", "why", nil, ["maxlength": "500"], hint: "For the record; may stay empty.")
                tag("div", ["class": "actions"]) {
                    button("Undo it", .primary)
                    linkButton("Cancel", letter.map { Form.path("letters", $0) } ?? "/", .plain)
                }
            }
        }
    }

    func undo(_ visit: Visit) async throws -> Response {
        var question = visit.signed()
        question.action = visit.form["undo"]
        question.id = question.action == nil ? visit.form["letter"] : nil
        let action = try await desk.ask(.undo, question, id: visit.action, as: LetterAction.self)
        if let letter = question.id { return .redirect(to: Form.path("letters", letter), type: .normal) }
        return page("Undone", visit.visitor) {
            tag("h1") { "\(count(action.letters)) brought back" }
            tag("div", ["class": "actions"]) { linkButton("To the groups", "/", .primary) }
        }
    }

    /// Letters whole, as JSON lines to be kept as a file.
    func export(_ visit: Visit) async throws -> Response {
        let selection = try LetterFilter(visit.query).selection
        return Response(
            status: .ok,
            headers: [
                .contentType: "application/jsonl; charset=utf-8",
                .contentDisposition: "attachment; filename=\"dead-letters.jsonl\"",
            ],
            body: ResponseBody { writer in
                try await desk.export(selection) { try await writer.write(ByteBuffer(string: $0)) }
                try await writer.finish(nil)
            })
    }
}
