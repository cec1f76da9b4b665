import Checking
import Contract
import Model
import Testing

@testable import caramelo_chaos

@Suite("Chaos: the checker") struct CheckerTests {
    /// Something that went wrong, and the word for it.
    struct Flaw: CustomTestStringConvertible {
        let testDescription: String
        let kind: String
        let subject: String
        let apply: @Sendable (inout Scene) -> Void

        init(_ name: String, _ kind: String, _ subject: String, _ apply: @escaping @Sendable (inout Scene) -> Void) {
            (testDescription, self.kind, self.subject, self.apply) = (name, kind, subject, apply)
        }
    }

    @Test("finds every flaw in a history that is right but for it", arguments: flaws)
    func finds(_ flaw: Flaw) {
        var scene = Scene()
        flaw.apply(&scene)
        let findings = scene.judged.findings
        #expect(
            findings.contains { $0.kind == flaw.kind && $0.subject.hasPrefix(flaw.subject) },
            "\(findings.map { "\($0.kind) \($0.subject): \($0.problem)" })")
    }

    @Test("counts each kind of finding")
    func counts() {
        var scene = Scene()
        scene.observed.bookings["a"] = nil
        scene.observed.letters.append(.init(Array("{}".utf8)))
        let counts = scene.judged.counts
        #expect(counts.lost > 0 && counts.bystanders == 1)
        #expect(counts.deadLetters == 2 && counts.deadLettersExpected == 1)
    }

    @Test("passes what is right, and counts it")
    func passes() {
        let checker = Scene().judged
        #expect(checker.findings.isEmpty, "\(checker.findings)")
        let counts = checker.counts
        #expect(counts.commands["booking.request"] == 5 && counts.commands["twin"] == 1)
        #expect(counts.confirmed == 10 && counts.unknown == 1 && counts.recovered == 0)
        #expect(counts.outcomes == ["confirmed": 2, "cancelled": 1, "flight_full": 1, "invalid_request": 1])
        #expect(counts.deadLetters == 1 && counts.deadLettersExpected == 1 && counts.announcedAgain == 0)
    }

    @Test("an event that is announced again, byte for byte, is right")
    func again() {
        var scene = Scene()
        scene.announced += scene.announced.prefix(3)
        #expect(scene.judged.findings.isEmpty)
        #expect(scene.judged.counts.announcedAgain == 3)
    }

    @Test("a command that the broker did not confirm may take effect, and then its effects must be whole")
    func recovered() {
        var scene = Scene()
        scene.reject("u", 6, age: 50, email: "eva@example.com", .expired)
        #expect(scene.judged.findings.contains { $0.subject == "u" })
        scene = Scene()
        scene.confirm("u", 6, age: 50, email: "eva@example.com", total: 21_000_005, points: 21)
        scene.changeReports { figures in
            figures["bookings_confirmed"] += 1
            figures["total_collected"] += 21_000_005
            figures["tax_collected"] += 1_000_000
            figures["loyalty_points"] += 21
            figures.lines = [Figures.Line("Isla", bookings: 3, collected: 61_500_014, tax: 3_500_000)]
        }
        #expect(!scene.judged.findings.isEmpty)
        scene.observed.customers["eva@example.com"] = .init(points: 521, bookings: 1)
        #expect(scene.judged.findings.isEmpty, "\(scene.judged.findings)")
        #expect(scene.judged.counts.recovered == 1)
    }

    @Test("a cancellation that may have overtaken its request has an effect, or is a dead letter")
    func overtaking() {
        let cancellation = Scene.entry(.cancel, .cancel("c"))
        var scene = Scene()
        scene.history.load.append(cancellation)
        #expect(scene.judged.findings.map(\.kind) == ["lost"])
        scene.observed.letters.append(.init(cancellation.order.command.body))
        #expect(scene.judged.findings.isEmpty, "\(scene.judged.findings)")
        scene.history.load[scene.history.load.count - 1].order.after = "c"
        #expect(Set(scene.judged.findings.map(\.kind)) == ["lost", "bystander"])
    }

    @Test("a cancellation of nothing is a dead letter, unless there is somebody to tell")
    func nothingToCancel() {
        var scene = Scene()
        scene.history.load.append(Scene.entry(.cancel, .cancel("none")))
        #expect(scene.judged.findings.map(\.kind) == ["lost"])
        scene.observed.letters.append(.init(Command.cancel("none").body))
        #expect(scene.judged.findings.isEmpty)
        scene.history.load[scene.history.load.count - 1].order.wantsReply = true
        #expect(scene.judged.findings.map(\.kind) == ["bystander"])
    }

    @Test("candies whose queue was deleted need not be announced, but must be counted")
    func deletedCandies() {
        var scene = Scene()
        scene.silence("candy.accounted", of: "a")
        #expect(scene.judged.findings.map(\.kind) == ["lost"])
        #expect(scene.judged(afterDeletionOf: ["stats.events"]).findings.map(\.kind) == ["lost"])
        #expect(scene.judged(afterDeletionOf: ["candy-accounting.outcomes"]).findings.isEmpty)
        scene.changeReports { $0["candies"] = 0 }
        #expect(!scene.judged(afterDeletionOf: ["candy-accounting.outcomes"]).findings.isEmpty)
    }

    @Test("a long history is judged in seconds", .timeLimit(.minutes(5)))
    func long() {
        var scene = Scene()
        for number in 6..<20_006 {
            let id = "n\(number)"
            scene.send(id, age: 30, email: "p\(number)@example.com")
            scene.confirm(
                id, number, age: 30, email: "p\(number)@example.com", total: 21_000_005, points: 521, isFirst: true)
            scene.observed.customers["p\(number)@example.com"] = .init(points: 521, bookings: 1)
        }
        let checker = scene.judged
        // The reports still say what they said of the first five.
        #expect(checker.findings.allSatisfy { $0.subject.hasPrefix("report") && $0.kind != "duplicated" })
        #expect(checker.counts.outcomes["confirmed"] == 20_002)
    }
}
