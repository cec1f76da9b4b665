import Terminal

extension Verdict {
    /// The verdict in one line, such as `180,231 commands, 173 kills: nothing lost, nothing twice`.
    var sentence: String {
        let commands = Words.count(counts.commands.values.reduce(0, +), "command")
        return "\(commands), \(Words.count(counts.kills, "kill")): \(judgement)"
    }

    private var judgement: String {
        if isValid { return "nothing lost, nothing twice" }
        let wrong = [
            (counts.lost, "lost"), (counts.duplicated, "duplicated"), (counts.unexpected, "unexpected"),
            (counts.bystanders, counts.bystanders == 1 ? "bystander" : "bystanders"),
        ]
        let parts = wrong.filter { $0.0 > 0 }.map { "\(Figures.count($0.0)) \($0.1)" }
        return parts.isEmpty ? Words.count(findings.count, "thing") + " wrong" : parts.joined(separator: ", ")
    }

    /// How the run went, in a sentence or two.
    var course: String {
        let kinds = Set(timeline.faults.map(\.fault)).count
        let length = setup.rollout == nil ? Double(setup.seconds) : timeline.healed ?? 0
        var text = "\(Words.clock(length)) minutes of load"
        text += kinds > 0 ? ", \(Words.count(timeline.faults.count, "fault")) of \(Words.count(kinds, "kind"))" : ""
        if let healed = timeline.healed {
            text += "; \(setup.deployment == nil ? "all healed" : "all sent") at \(Words.clock(healed))"
            text += timeline.quiet.map { ", nothing left to be done \(Words.seconds($0 - healed)) later." } ?? ""
            if timeline.quiet == nil { text += ", but then it never became quiet." }
        } else {
            text += "; it was never healed."
        }
        if let rollout = setup.rollout {
            text += " \(Words.count(handovers.count, "replica")) ended by \(rollout.signal.uppercased()) and replaced"
            text += rollout.from == nil ? "." : ", to and fro between two versions."
        }
        if let latency {
            text +=
                " Half of the outcomes came within \(Words.brief(latency.p50)), 99 % within \(Words.brief(latency.p99))"
            text += " (\(Words.brief(latency.worstP99)) in the worst ten seconds),"
            text += " all within \(Words.brief(latency.longest))."
        }
        let hit = gaps.count { $0.hits > 0 }
        if !gaps.isEmpty { text += " \(hit) of \(gaps.count) gaps between two steps of a service’s work were hit." }
        return text
    }
}

/// Figures as the report's readers want them.
enum Words {
    /// `1 kill`, `1,234 kills`.
    static func count(_ number: Int, _ noun: String) -> String {
        "\(Figures.count(number)) \(noun)\(number == 1 ? "" : "s")"
    }

    /// A time of the run in minutes and seconds, such as `10:07`.
    static func clock(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded())
        return "\(whole / 60):\(whole % 60 < 10 ? "0" : "")\(whole % 60)"
    }

    /// A short length, such as `12 ms` or `1.2 s`.
    static func brief(_ length: Double) -> String {
        length < 1 ? "\(Int((length * 1000).rounded())) ms" : seconds(length)
    }

    /// A length, such as `0.4 s` or `95 s`.
    static func seconds(_ length: Double) -> String {
        length < 10 ? "\((length * 10).rounded() / 10) s" : "\(Int(length.rounded())) s"
    }
}
