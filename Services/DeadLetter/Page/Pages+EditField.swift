import Contract

extension Pages {
    /// A form to change one field of a body, which so needn't be typed; nothing where the body has no fields.
    /// - Parameter text: the body as it is being edited.
    func fieldEditor(_ visit: Visit, _ detail: LetterDetail, _ text: String) -> HTML {
        guard JSON.readable(Array(text.utf8)) != nil else { return HTML() }
        return tag("form", ["method": "post", "action": "/letters/\(detail.letter.id)/edit", "class": "stack"]) {
            formToken(visit.visitor)
            tag("input", ["type": "hidden", "name": "body", "value": text])
            tag("div", ["class": "row"]) {
                field("Set the field", "field", nil, ["required": "", "list": "fields"])
                field("to", "value", nil, hint: "JSON, or else a text.")
                tag("button", ["class": "secondary", "name": "do", "value": "set"]) { "Set" }
            }
            tag("datalist", ["id": "fields"]) {
                for name in Set(detail.problems.map(\.field)).sorted() where name != "body" {
                    tag("option", ["value": name]) { "" }
                }
            }
        }
    }

    /// The body as it is being edited, with the field that was filled in.
    func bodyWithField(_ visit: Visit) throws(PageError) -> String {
        do throws(Unreadable) {
            let body = Array((visit.form["body"] ?? "").utf8)
            let set = try JSON.setting(visit.form["field"] ?? "", to: visit.form["value"] ?? "", in: body)
            return JSON.readable(set) ?? String(decoding: set, as: UTF8.self)
        } catch {
            throw .wrong("body", "must be a JSON object: \(error.detail)")
        }
    }
}
