import Client
import Contract
import Hummingbird
import Terminal

extension Pages {
    /// The form for what export wrote.
    func importForm(_ visit: Visit) async throws -> Response {
        page("Import", visit.visitor) {
            tag("h1") { "Import letters" }
            tag("p", ["class": "quiet"]) {
                "JSON lines as export writes them. Letters that are known already stay as they are; the others are open, whatever they were where they come from."
            }
            tag("form", ["method": "post", "action": "/import", "enctype": "multipart/form-data", "class": "stack"]) {
                formToken(visit.visitor)
                field("A file", "file", nil, type: "file", hint: "Up to 8 MiB; larger ones with dead-letter import.")
                tag("div", ["class": "field"]) {
                    tag("label", ["for": "f-lines"]) { "Or lines" }
                    HTML.textarea(
                        ["id": "f-lines", "name": "lines", "rows": "8", "spellcheck": "false", "class": "code"], "")
                }
                tag("div", ["class": "actions"]) {
                    button("Import", .primary)
                    linkButton("Cancel", "/letters", .plain)
                }
            }
        }
    }

    /// Hands the letters over as whoever gives up a message does; all of them or, where a line is none, nothing.
    func imported(_ visit: Visit) async throws -> Response {
        let lines = (visit.form.all("file") + visit.form.all("lines")).flatMap { $0.split(whereSeparator: \.isNewline) }
        var messages: [ClientMessage] = []
        for (index, line) in lines.enumerated() where !line.allSatisfy(\.isWhitespace) {
            guard let message = ImportedLetter.message(Array(line.utf8)) else {
                throw PageError.wrong("line \(index + 1)", "is no letter; none was taken in")
            }
            messages.append(message)
        }
        guard !messages.isEmpty else { throw PageError.wrong("file", "has no letter in it") }
        try await desk.publish(messages)
        return page("Imported", visit.visitor) {
            tag("h1") { "\(count(messages.count)) handed over" }
            tag("p", ["class": "quiet"]) { "Those that are not known yet are among the open ones in a moment." }
            tag("div", ["class": "actions"]) { linkButton("To the letters", "/letters", .primary) }
        }
    }
}
