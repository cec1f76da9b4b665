import Foundation
import Support
import Testing

@testable import caramelo_chaos

@Suite struct ReportTests {
    private func verdict(_ change: (inout Verdict) -> Void = { _ in }) -> Verdict {
        let setup = Verdict.Setup(
            seed: .max, seconds: 600, replicas: 2, rate: 300, faults: ["kill", "redis-wiped"], deployment: nil)
        var verdict = Verdict(setup: setup)
        verdict.counts.commands = ["booking.request": 180_000, "twin": 231]
        verdict.counts.kills = 173
        change(&verdict)
        return verdict
    }

    @Test func saysInWordsWhatItCounted() {
        #expect(verdict().sentence == "180,231 commands, 173 kills: nothing lost, nothing twice")
        let wrong = verdict { verdict in
            verdict.counts.kills = 1
            verdict.counts.lost = 1_211
            verdict.counts.bystanders = 1
            verdict.findings = [.init(kind: "lost", subject: "a", problem: "no effect")]
        }
        #expect(wrong.sentence == "180,231 commands, 1 kill: 1,211 lost, 1 bystander")
        let uncounted = verdict { $0.findings = [.init(kind: "unexpected", subject: "pets", problem: "3, not 2")] }
        #expect(uncounted.sentence == "180,231 commands, 173 kills: 1 thing wrong")
    }

    @Test func saysHowItWent() {
        let run = verdict { verdict in
            verdict.timeline.faults = [
                .init(fault: "kill", target: "pricing", begins: 3, ends: 3),
                .init(fault: "kill", target: "stats", begins: 9, ends: 9),
            ]
            verdict.timeline.healed = 604.2
            verdict.gaps = [
                .init(queue: "q", key: "k", gap: "stored", hits: 2), .init(queue: "q", key: "k", gap: "acked", hits: 0),
            ]
        }
        let start = "10:00 minutes of load, 2 faults of 1 kind; all healed at 10:04, "
        let end = " 1 of 2 gaps between two steps of a service’s work were hit."
        #expect(run.course == start + "but then it never became quiet." + end)
        var quiet = run
        quiet.timeline.quiet = 606.5
        #expect(quiet.course == start + "nothing left to be done 2.3 s later." + end)
    }

    @Test func escapesWhateverItShows() {
        let nasty = "<script>alert('1')</script>&amp;\"\u{0}\u{202E}"
        let run = verdict { verdict in
            verdict.setup.deployment = nasty
            verdict.counts.commands[nasty] = 1
            verdict.counts.outcomes[nasty] = 1
            verdict.findings = [.init(kind: nasty, subject: nasty, problem: nasty)]
            verdict.gaps = [.init(queue: nasty, key: nasty, gap: nasty, hits: 1)]
            verdict.timeline.faults = [.init(fault: nasty, target: nasty, begins: 1, ends: 2)]
        }
        let page = Report.page(run).text
        #expect(!page.contains("<script"))
        #expect(!page.unicodeScalars.contains("\u{0}") && !page.unicodeScalars.contains("\u{202E}"))
        let escaped = "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;amp;&quot;\u{FFFD}\u{FFFD}"
        // Commands, outcomes, three of the finding, three of the gap, the lane, its bar (twice), and where it ran.
        #expect(page.components(separatedBy: escaped).count - 1 == 12)
    }

    @Test func showsTheFirstFindingsAndHowManyMore() {
        let run = verdict { verdict in
            verdict.findings = (1...1_234).map { .init(kind: "lost", subject: "request-\($0)", problem: "no effect") }
        }
        let page = Report.page(run).text
        #expect(page.contains("1,234 findings"))
        #expect(page.contains("request-200<") && !page.contains("request-201<"))
        #expect(page.contains("And 1,034 more"))
        #expect(page.contains(#"<h1 class="bad">"#))
        #expect(!Report.page(verdict()).text.contains("What is wrong"))
    }

    @Test func tellsGapsMissedFromThoseThatDoNotOccur() {
        let gaps =
            [("received", 3), ("stored", 0)].map { Verdict.Gap(queue: "q", key: "a", gap: $0, hits: $1) }
            + [Verdict.Gap(queue: "q", key: "b", gap: "published", hits: 1_000)]
        let table = Report.gaps(gaps).text
        #expect(table.contains("1 of 3 were not hit"))
        let cells = table.components(separatedBy: "<td class=\"").dropFirst().map { $0.prefix { $0 != "/" } }
        #expect(
            cells == [
                "number good\">3<", "number bad\">0<", "number none\">–<", "number none\">–<", "number none\">–<",
                "number good\">1,000<",
            ])
    }

    @Test func drawsWithinItsBoundsWhateverHappened() throws {
        let empty = Report.timeline(Timeline()).text
        #expect(!empty.contains("nan") && !empty.contains("inf"))
        var timeline = Timeline()
        timeline.seconds = [.init(confirmed: 7, outcomes: 0, backlog: 3), .init(), .init(confirmed: 1, backlog: 9_999)]
        timeline.faults = [.init(fault: "kill", target: "stats", begins: -1, ends: 99)]
        timeline.quiet = 2.5
        let drawing = Report.timeline(timeline).text
        #expect(drawing.contains("The backlog was 9,999 messages at most, at 0:02."))
        let numbers = drawing.matches(of: /(?:x="|width="|points="|[ML])(-?[0-9.]+)/).compactMap { Double($0.output.1) }
        #expect(numbers.count > 30)
        #expect(numbers.allSatisfy { (0...Plot.width).contains($0) })
    }

    @Test func tellsTheBrokersSilenceFromRareReadings() {
        let (rare, silent): ([Int?], [Int?]) = ([nil, 5, nil, nil, nil, 7, nil], [5, nil, nil, nil, nil, 7])
        #expect(Report.bridged(rare) == [nil, 5, 5, 5, 5, 7, nil])
        #expect(Report.bridged(silent) == silent)
    }

    @Test func saysHowToRepeatIt() {
        let start = "./dev chaos --seconds 600 --seed 18446744073709551615 --rate 300"
        #expect(verdict().setup.commandLine == start + " --replicas 2 --faults kill,redis-wiped")
        let calm = verdict { $0.setup.faults = [] }
        #expect(calm.setup.commandLine == start + " --replicas 2 --faults none")
        let all = verdict { $0.setup.faults = Fault.allCases.map(\.rawValue) }
        #expect(all.setup.commandLine == start + " --replicas 2")
        let elsewhere = verdict { $0.setup.deployment = "amqp://host/a'b" }
        #expect(elsewhere.setup.commandLine == start + #" --amqp-url 'amqp://host/a'\''b' --yes"#)
    }

    @Test func saysHowReplicasWereReplaced() {
        let run = verdict { verdict in
            verdict.setup.rollout = .init(signal: "sigterm", rounds: 2, from: "a b")
            verdict.handovers = [
                .init(replica: "stats/0", ending: 0.25, starting: 1.04),
                .init(replica: "stats/1", ending: 0.5, starting: 2),
                .init(replica: "pricing/0", ending: 12, starting: nil),
            ]
            verdict.latency = Verdict.Latency(of: (1...200).map { (Double($0) / 10, Double($0) / 100) })
            (verdict.timeline.healed, verdict.timeline.quiet) = (65, 66)
        }
        #expect(
            run.course == """
                1:05 minutes of load; all healed at 1:05, nothing left to be done 1.0 s later. 3 replicas ended by SIGTERM and \
                replaced, to and fro between two versions. Half of the outcomes came within 1.0 s, 99 % within 2.0 s \
                (2.0 s in the worst ten seconds), all within 2.0 s.
                """)
        #expect(run.setup.commandLine.hasSuffix(" --replicas 2 --rollout sigterm --rounds 2 --from 'a b'"))
        let cells = Report.handovers(run.handovers).text.matches(of: /<td class="number">([^<]*)</).map { String($0.1) }
        #expect(cells == ["1", "12 s", "12 s", "never", "never", "2", "250 ms", "500 ms", "1.0 s", "2.0 s"])
    }

    @Test func groupsFaultsByWhatTheyStrike() {
        let struck = Dictionary(grouping: Fault.allCases, by: { Struck($0.rawValue) }).mapValues { $0.map(\.rawValue) }
        #expect(struck[.network]?.allSatisfy { $0.hasPrefix("network-") } == true)
        #expect(struck[.broker]?.contains("queue-deleted") == true)
        #expect(struck[.redis]?.contains("redis-wiped") == true)
        #expect(struck[.services]?.contains("gaps") == true)
        #expect(Set(struck.keys) == Set(Struck.allCases))
    }

    @Test func writesTheVerdictSoThatItCanBeReadAgain() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "report-\(UUID())/deep")
        defer { try? FileManager.default.removeItem(at: folder.deletingLastPathComponent()) }
        let run = verdict { verdict in
            verdict.findings = [.init(kind: "lost", subject: "a/b", problem: "„é\"")]
            verdict.timeline.seconds = [.init(confirmed: 1, outcomes: 2, backlog: nil), .init(backlog: 0)]
            verdict.timeline.healed = 0.1
        }
        for _ in 1...2 { try Report.write(run, to: folder) }
        let written = try Data(contentsOf: folder.appending(path: "report.json"))
        let read = try JSONDecoder().decode(Verdict.self, from: written)
        #expect(read.setup.seed == .max)
        #expect(read.findings.map(\.subject) == ["a/b"])
        #expect(read.timeline.seconds.map(\.backlog) == [nil, 0])
        #expect(try Report.json(read) == written)
        let page = try String(contentsOf: folder.appending(path: "report.html"), encoding: .utf8)
        #expect(page == Report.page(run).text)
    }
}
