import Contract
import Hummingbird
import Runtime
import Terminal

extension Pages {
    /// The latest replays.
    func replays(_ visit: Visit) async throws -> Response {
        let replays = try await desk.ask(.replays, LetterQuestion(), as: ReplayList.self).replays
        return page("Replays", visit.visitor) {
            tag("h1") { "Replays" }
            if replays.isEmpty { tag("p", ["class": "empty"]) { "Nothing was replayed so far." } }
            tag("ul", ["class": "replays"]) {
                for replay in replays {
                    tag("li") {
                        tag("a", ["href": Form.path("replays", replay.replay)]) { count(replay.letters) }
                        tag("span", ["class": "badge \(replay.state.rawValue)"]) { replay.state.rawValue }
                        tag("p", ["class": "quiet"]) {
                            summary(replay)
                            " "
                            time(replay.at)
                            if let by = replay.by { " by \(by)" }
                        }
                    }
                }
            }
        }
    }

    private func summary(_ replay: ReplayReport) -> String {
        "\(Figures.count(replay.succeeded)) took effect, \(Figures.count(replay.failed)) failed again;"
    }

    /// How far a replay is.
    func replay(_ visit: Visit) async throws -> Response {
        let replay = try await report(visit.id)
        let isRunning = replay.state == .running
        return page("Replay", visit.visitor, refresh: isRunning ? 2 : nil) {
            tag("p", ["class": "crumbs"]) {
                tag("a", ["href": "/replays"]) { "Replays" }
                " / "
                tag("code") { replay.replay }
            }
            tag("h1") {
                "Replay of \(count(replay.letters)) "
                tag("span", ["class": "badge \(replay.state.rawValue)"]) { replay.state.rawValue }
            }
            tag("p", ["class": "quiet"]) {
                "Begun "
                time(replay.at)
                if let by = replay.by { " by \(by)" }
                if let why = replay.why { ": \(why)" }
            }
            progress(replay)
            if replay.state == .stopped {
                alert(
                    "Stopped: \(replay.note ?? "somebody stopped it"). \(count(replay.letters - replay.position)) were not sent."
                )
            }
            if replay.state == .finished, replay.failed == 0 {
                tag("p", ["class": "good"]) { "✔ All that were sent took effect." }
            }
            if replay.state != .finished, visit.visitor.mayChange { control(visit.visitor, replay) }
        }
    }

    private func progress(_ replay: ReplayReport) -> HTML {
        let isRunning = replay.state == .running
        return tag(
            "section",
            ["class": "progress", "data-replay": isRunning ? Form.path("replays", replay.replay) + "/progress" : nil]
        ) {
            tag("progress", ["max": "\(max(1, replay.letters))", "value": "\(replay.position)", "aria-label": "Sent"]) {
                ""
            }
            tag("dl", ["class": "figures"]) {
                figure("Sent", "sent", replay.sent)
                figure("Took effect", "succeeded", replay.succeeded)
                figure("Failed again", "failed", replay.failed)
                figure("Not sent yet", "left", replay.letters - replay.position)
            }
        }
    }

    private func figure(_ label: String, _ name: String, _ value: Int) -> HTML {
        tag("div", ["class": name == "failed" && value > 0 ? "bad" : nil]) {
            tag("dt") { label }
            tag("dd", ["data-figure": name]) { Figures.count(value) }
        }
    }

    private func control(_ visitor: Visitor, _ replay: ReplayReport) -> HTML {
        let (text, action): (String, String) = replay.state == .running ? ("Stop", "pause") : ("Go on", "resume")
        return tag(
            "form",
            ["method": "post", "action": Form.path("replays", replay.replay) + "/\(action)", "class": "actions"]
        ) {
            formToken(visitor)
            actionID()
            button(text, replay.state == .running ? .danger : .primary)
        }
    }

    /// The same for the script.
    func progress(_ visit: Visit) async throws -> Response {
        let bytes = JSON.encode(try await report(visit.id))
        return Response(
            status: .ok, headers: [.contentType: "application/json"], body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    private func report(_ id: String) async throws -> ReplayReport {
        var question = LetterQuestion()
        question.replay = id
        guard let report = try await desk.ask(.replays, question, as: ReplayList.self).replays.first else {
            throw PageError.refused(.failed(.notFound, "There is no such replay."))
        }
        return report
    }

    func pause(_ visit: Visit) async throws -> Response { try await control(.pause, visit) }

    func resume(_ visit: Visit) async throws -> Response { try await control(.resume, visit) }

    private func control(_ operation: LetterOperation, _ visit: Visit) async throws -> Response {
        var question = visit.signed()
        question.replay = visit.id
        let report = try await desk.ask(operation, question, id: visit.action, as: ReplayReport.self)
        return .redirect(to: Form.path("replays", report.replay), type: .normal)
    }
}
