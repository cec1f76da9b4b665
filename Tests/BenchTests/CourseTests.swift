import Support
import Testing

@testable import caramelo_bench

@Suite struct CourseTests {
    @Test func countsConfirmsOnce() {
        let course = Course(first: 0, count: 6, rate: nil)
        course.confirm(3, multiple: false)
        course.confirm(2, multiple: true)
        course.confirm(3, multiple: true)
        #expect(course.counts.confirmed == 3)
        #expect(course.journal.confirmed.map { $0 > 0 } == [true, true, true, false, false, false])
        course.confirm(6, multiple: true)
        #expect(course.counts.confirmed == 6)
    }

    @Test func countsOutcomesOnceAndThoseOfOthersNever() {
        let course = Course(first: 10, count: 2, rate: nil)
        for number in [9, 10, 10, 12] { course.arrive(number, isConfirmed: true) }
        course.arrive(11, isConfirmed: false)
        let journal = course.journal
        #expect(journal.arrivedCount == 2 && journal.duplicates == 1 && journal.rejected == 1)
        let measurement = Measurement("caramelo", journal)
        #expect(!measurement.isComplete && measurement.sent == 2 && measurement.outcomes == 2)
    }

    @Test func findsTheNumberOfARequestInAnything() {
        let itineraries = Itineraries(prefix: "bench1")
        #expect(itineraries.number(in: itineraries.request(1_234).body) == 1_234)
        let outcome = #"{"event_id":"bench1-5.confirmed","request_id":"bench1-5","destination":"Cali (bench1)"}"#
        #expect(itineraries.number(in: Array(outcome.utf8)) == 5)
        for other in [
            #"{"request_id": "bench2-5"}"#, #"{"request_id": "bench1-5x"}"#, #"{"a": "bench1-"}"#, #""bench1-5"#,
        ] {
            #expect(itineraries.number(in: Array(other.utf8)) == nil, "\(other)")
        }
    }

    /// 100 outcomes, of which the last half came at half the pace.
    @Test func aBacklogsTenthsAreThePaceOfEach() {
        let course = Course(first: 0, count: 100, rate: nil)
        var journal = course.journal
        let start = journal.schedule.start
        for index in 0..<100 {
            let milliseconds = index < 50 ? 1_000 + index * 10 : 1_500 + (index - 50) * 20
            journal.arrived[99 - index] = start + UInt64(milliseconds) * 1_000_000
        }
        let backlog = Backlog(journal, startedAt: start, [])
        #expect(backlog.tenths.count == 10 && backlog.isComplete)
        #expect(abs(backlog.tenths[0] - 100) < 1 && abs(backlog.tenths[9] - 50) < 1)
        #expect(abs(backlog.evenness - 0.5) < 0.01)
        #expect(backlog.secondsToFirst == 1 && abs(backlog.seconds - 2.48) < 0.001)
        journal.arrived[5] = 0
        #expect(!Backlog(journal, startedAt: start, []).isComplete)
    }

    @Test func aSceneTellsWhatCallersNoticed() {
        let course = Course(first: 0, count: 400, rate: 100)
        var journal = course.journal
        let start = journal.schedule.start
        for index in 0..<400 {
            let due = journal.schedule.due(index)
            journal.confirmed[index] = due + 2_000_000
            // Nothing comes out from second 1 to 3; then all that waits, at once.
            journal.arrived[index] = (100..<300).contains(index) ? start + 4_500_000_000 : due + 5_000_000
            journal.arrivedCount += 1
        }
        let result = SceneResult(
            .pricingStopped, journal, trouble: start + 1_000_000_000...start + 3_000_000_000)
        #expect(result.troubled.confirm.count == 200 && abs(result.troubled.confirm.max - 2) < 0.01)
        #expect(abs(result.troubled.outcome.max - 3_500) < 5)
        #expect(abs(result.troubled.givenUpAfter2 - 0.75) < 0.01 && result.troubled.givenUpAfter30 == 0)
        #expect(abs(result.secondsToCatchUp - 1.5) < 0.001)
        #expect(result.moments.count == 16)
    }
}
