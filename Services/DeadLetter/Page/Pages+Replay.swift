import Contract
import Hummingbird
import Runtime
import Terminal

extension Pages {
    /// What a replay would do, and how it is to be done.
    func planReplay(_ visit: Visit) async throws -> Response {
        let filter = try someLetters(visit.query)
        let plan = try await plan(filter)
        return page("Replay", visit.visitor) {
            tag("h1") { plan.letters == 0 ? "Nothing to replay" : "Replay \(count(plan.letters))" }
            tag("ul", ["class": "plan"]) {
                for share in plan.queues { tag("li") { "\(count(share.letters)) back to \(share.queue)" } }
                for share in plan.refused {
                    tag("li", ["class": "bad"]) {
                        "\(count(share.letters)) of \(share.queue) can't be sent: it is no queue of Caramelo's"
                    }
                }
            }
            tag("p", ["class": "quiet"]) {
                plan.letters == 0
                    ? "None of them is open: they were replayed or discarded, or are on their way."
                    : "They keep their ids, so what has taken effect already is not done twice. "
                tag("a", ["href": filter.form.link("/letters")]) { "See these letters" }
            }
            if plan.letters > 0 { replayForm(visit, filter, plan) }
        }
    }

    private func replayForm(_ visit: Visit, _ filter: LetterFilter, _ plan: ReplayPlan) -> HTML {
        tag("form", ["method": "post", "action": "/replay", "class": "stack"]) {
            formToken(visit.visitor)
            actionID()
            hidden(filter.pinned)
            if plan.letters > 1 {
                tag("fieldset") {
                    tag("legend") { "Pace" }
                    choice(
                        "pace", "canary", "Careful",
                        "1, 2, 5, 20, 100, then 500 at a time, each when all before have taken effect", isChosen: true)
                    choice("pace", "all", "All at once", "as fast as the rate allows", isChosen: false)
                }
                tag("div", ["class": "row"]) {
                    field("Letters a second at most", "rate", nil, ["min": "1", "max": "100000"], type: "number")
                    field(
                        "Failures that are allowed", "most_failures", "0", ["min": "0", "max": "1000000"],
                        type: "number")
                }
            }
            field("Why", "why", nil, ["maxlength": "500"], hint: "For the record; may stay empty.")
            tag("div", ["class": "actions"]) {
                button("Replay \(count(plan.letters))", .primary)
                linkButton("Cancel", filter.form.link("/letters"), .plain)
            }
        }
    }

    private func choice(_ name: String, _ value: String, _ label: String, _ hint: String, isChosen: Bool) -> HTML {
        tag("label", ["class": "check"]) {
            tag("input", ["type": "radio", "name": name, "value": value, "checked": isChosen ? "" : nil])
            tag("span") {
                tag("strong") { label }
                ": \(hint)"
            }
        }
    }

    func beginReplay(_ visit: Visit) async throws -> Response {
        var question = visit.signed()
        question.selection = try someLetters(visit.form).selection
        question.pace = visit.form["pace"].flatMap(LetterQuestion.Pace.init(rawValue:))
        question.rate = try number(visit.form, "rate")
        question.mostFailures = try number(visit.form, "most_failures")
        let report = try await desk.ask(.replay, question, id: visit.action, as: ReplayReport.self)
        return .redirect(to: Form.path("replays", report.replay), type: .normal)
    }

    private func number(_ form: Form, _ name: String) throws(PageError) -> Int? {
        guard let text = form[name]?.trimmed, !text.isEmpty else { return nil }
        guard let number = Int(text) else { throw .wrong(name, "must be a number") }
        return number
    }

    /// What a replay of some letters would do.
    func plan(_ filter: LetterFilter) async throws -> ReplayPlan {
        var question = LetterQuestion()
        question.selection = try LetterFilter(filter.pinned).selection
        question.dryRun = true
        return try await desk.ask(.replay, question, as: ReplayPlan.self)
    }

    /// The letters that an action is about; somebody must have said which.
    func someLetters(_ form: Form) throws(PageError) -> LetterFilter {
        let filter = try LetterFilter(form)
        guard filter.selection.isNarrow else { throw .wrong("no letter", "is ticked") }
        return filter
    }

    /// Fields that a form takes along.
    func hidden(_ form: Form) -> HTML {
        HTML(form.fields.map { tag("input", ["type": "hidden", "name": $0.name, "value": $0.value]) })
    }
}
