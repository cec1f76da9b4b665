import Foundation
import Testing

@testable import caramelo_bench

@Suite struct LatencyTests {
    /// The value that a share of the sorted times is not above.
    private func exact(_ times: [UInt64], _ percentile: Double) -> Double {
        let rank = max(1, Int((Double(times.count) * percentile / 100).rounded(.up)))
        return Double(times.sorted()[rank - 1]) / 1e6
    }

    @Test func percentilesAreThoseOfTheSortedTimesToThreeDigits() {
        var random = SystemRandomNumberGenerator()
        // From a tenth of a millisecond to a minute, each power of ten as often as the others.
        let times = (0..<20_000).map { _ in UInt64(pow(10, Double.random(in: 5...10.8, using: &random))) }
        let latency = Latency(nanoseconds: times)
        #expect(latency.count == times.count)
        for (found, percentile) in [
            (latency.p50, 50), (latency.p90, 90), (latency.p99, 99), (latency.p999, 99.9), (latency.max, 100),
        ] {
            let wanted = exact(times, percentile)
            // The highest of the values that are counted together, and times are cut to microseconds.
            #expect(abs(found - wanted) <= wanted * 0.002 + 0.001, "p\(percentile): \(found), not \(wanted)")
        }
        let mean = Double(times.reduce(0, +)) / Double(times.count) / 1e6
        #expect(abs(latency.mean - mean) < mean * 0.002)
    }

    @Test func theCurveRisesToTheLongestTime() {
        let latency = Latency(nanoseconds: (1...10_000).map { UInt64($0) * 100_000 })
        #expect(zip(latency.curve, latency.curve.dropFirst()).allSatisfy { $0.milliseconds <= $1.milliseconds })
        #expect(zip(latency.curve, latency.curve.dropFirst()).allSatisfy { $0.percentile <= $1.percentile })
        #expect(latency.curve.last?.percentile == 100)
        #expect(latency.curve.last?.milliseconds == latency.max)
    }

    @Test func nothingHasHappened() {
        let latency = Latency(nanoseconds: [])
        #expect(latency.count == 0 && latency.p50 == 0 && latency.mean == 0)
    }

    /// A stall of half a second at 100 a second: what was due meanwhile waited for what was left of it.
    @Test func whatWasHeldUpTogetherIsLateByTheWholeTime() {
        let course = Course(first: 7, count: 100, rate: 100)
        let start = course.begin().start
        var journal = course.journal
        for index in 0..<100 {
            let due = journal.schedule.due(index)
            #expect(due == start + UInt64(index) * 10_000_000)
            journal.arrived[index] = max(due + 1_000_000, (200..<700).contains(index * 10) ? start + 700_000_000 : 0)
        }
        let latency = Latency(nanoseconds: journal.waits(until: journal.arrived))
        #expect(abs(latency.max - 500) < 1)
        // The fifty that were due in the stall: 10, 20, … 500 ms.
        #expect(abs(latency.p90 - 400) < 1)
        #expect(abs(latency.p50 - 1) < 0.1)
    }
}
