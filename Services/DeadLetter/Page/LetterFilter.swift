import Contract

/// Which letters a page is about, as its address says it.
struct LetterFilter {
    private static let names = ["group", "queue", "reason", "service", "since", "until", "contains", "status"]

    /// The letters that are named one by one.
    let ids: [String]
    private let texts: [String: String]
    /// What the filter means.
    let selection: LetterSelection

    /// - Throws: ``PageError`` for a time or status that is none.
    init(_ form: Form) throws(PageError) {
        ids = form.all("id")
        var texts: [String: String] = [:]
        for name in Self.names { texts[name] = (form[name]?.trimmed).flatMap { $0.isEmpty ? nil : $0 } }
        self.texts = texts
        var selection = LetterSelection()
        selection.ids = ids.isEmpty ? nil : ids
        selection.queue = texts["queue"]
        selection.reason = texts["reason"]
        selection.service = texts["service"]
        selection.group = texts["group"]
        selection.contains = texts["contains"]
        selection.since = try Self.time(texts, "since")
        selection.until = try Self.time(texts, "until")
        if let status = texts["status"] {
            guard let known = LetterSelection.Status(rawValue: status) else {
                throw .wrong("status", "is none that letters have")
            }
            selection.status = known
        }
        self.selection = selection
    }

    private static func time(_ texts: [String: String], _ name: String) throws(PageError) -> Timestamp? {
        guard let text = texts[name] else { return nil }
        guard let moment = Moment(argument: text) else {
            throw .wrong(name, "must be like 2h, 3d, 2026-11-21 or 2026-11-21T10:00:00Z")
        }
        return moment.time
    }

    /// What was filled in.
    subscript(name: String) -> String? { texts[name] }

    /// The same letters for a page that acts on them: times are fixed, and what comes later is left aside, so that what is done is what
    /// was shown.
    var pinned: Form {
        var form = Form("")
        for id in ids { form.add("id", id) }
        for name in Self.names where name != "since" && name != "until" { form.add(name, texts[name]) }
        form.add("since", selection.since?.description)
        let now = Timestamp.now
        form.add(
            "until",
            ids.isEmpty ? (selection.until.map { min($0, now) } ?? now).description : selection.until?.description)
        return form
    }

    /// The same letters, for a link.
    var form: Form {
        var form = Form("")
        for id in ids { form.add("id", id) }
        for name in Self.names { form.add(name, texts[name]) }
        return form
    }

    /// The same letters, the status said also where it is the usual one: for a link to a page that acts on them.
    var said: Form {
        var form = form
        if form["status"] == nil { form.add("status", selection.effectiveStatus.rawValue) }
        return form
    }
}
