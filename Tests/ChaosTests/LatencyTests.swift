import Testing

@testable import caramelo_chaos

@Suite struct LatencyTests {
    @Test func ranksThem() throws {
        let latency = try #require(Verdict.Latency(of: (1...1000).map { (1, Double($0)) }))
        #expect((latency.p50, latency.p99, latency.longest, latency.worstP99) == (500, 990, 1000, 990))
        let one = try #require(Verdict.Latency(of: [(7, 3)]))
        #expect((one.p50, one.p99, one.longest, one.worstP99) == (3, 3, 3, 3))
        #expect(Verdict.Latency(of: []) == nil)
    }

    @Test func findsTheWorstTenSeconds() throws {
        let fast = (0..<1000).map { (begun: Double($0) / 10, seconds: 0.1) }
        let slow = (0..<5).map { (begun: 40 + Double($0), seconds: 3.0) }
        let latency = try #require(Verdict.Latency(of: fast + slow))
        #expect((latency.p99, latency.worstP99) == (0.1, 3))
    }

    @Test func measuresTheFirstOutcomeOfARequest() throws {
        let latencies = Latencies()
        latencies.end("a")
        #expect(latencies.summary == nil)
        latencies.begin("a")
        latencies.end("a")
        let first = try #require(latencies.summary)
        latencies.end("a")
        #expect(try #require(latencies.summary).longest == first.longest)
        #expect((0..<1).contains(first.longest))
    }

    private func findings(_ signal: String = "sigterm", maxP99: Double? = nil) -> [String] {
        let setup = Verdict.Setup(
            seed: 1, seconds: 60, replicas: 2, rate: 1_000, faults: [], deployment: nil,
            rollout: .init(signal: signal, rounds: 2, from: nil))
        var verdict = Verdict(setup: setup)
        verdict.handovers = [
            .init(replica: "stats/0", ending: 10, starting: 2), .init(replica: "stats/1", ending: 10.1, starting: 2),
            .init(replica: "pricing/0", ending: 1, starting: nil),
        ]
        verdict.latency = Verdict.Latency(of: [(0, 2.5)])
        verdict.judgeTimes(maxP99: maxP99)
        return verdict.findings.map { "\($0.kind) \($0.subject)" }
    }

    @Test func judgesWhatTakesTooLong() {
        #expect(findings() == ["slow stats/1", "slow pricing/0"])
        #expect(findings("sigkill") == ["slow pricing/0"])
        #expect(findings(maxP99: 2.5).count == 2)
        #expect(findings(maxP99: 2.4) == ["slow stats/1", "slow pricing/0", "slow outcomes"])
    }
}
