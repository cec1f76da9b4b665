import Model
import Testing

@Suite("Oracle: cancellations and twins")
struct CancellationTests {
    private let request = Sample.request("a", ["flight_id": .text("F")])

    private func booked() throws -> Oracle {
        try #require(
            Oracle.after([
                ([(.schedule(Sample.flight(1)), .done)], [:]),
                ([(.request(request), nil)], ["a": Sample.confirmed(request)]),
            ]))
    }

    @Test("takes back exactly what was added, but not the 500 points nor the registration")
    func takesBack() throws {
        var oracle = try booked()
        #expect(oracle.figures()["candies"] == 3)
        #expect(oracle.figures()["infants"] == 1)
        #expect(oracle.seatsTaken(on: "F") == 1)
        let cancelled = Sample.confirmed(request).cancelled
        #expect(oracle.judge([(.cancel("a"), .done), (.cancel("a"), .done)], ["a": cancelled]).isEmpty)
        #expect(oracle.judge([(.cancel("a"), .done)]).isEmpty)
        var expected = Figures(counts: ["bookings_cancelled": 1, "loyalty_points": 500], customers: 1)
        #expect(oracle.figures().differences(from: expected) == [])
        expected.customers = nil
        #expect(oracle.figures(of: "Cartagena", days: "2026-11-21"..."2026-11-22").differences(from: expected) == [])
        #expect(oracle.figures(days: "2026-11-22"..."2026-11-22")["bookings_cancelled"] == 0)
        #expect(oracle.customers["juan@example.com"]?.points == 500)
        #expect(oracle.customers["juan@example.com"]?.bookings == 0)
        #expect(oracle.seatsTaken(on: "F") == 0)
    }

    @Test("has one right answer when nothing else is under way")
    func answers() throws {
        let oracle = try booked()
        for reply in [Reply.refused("not_found"), .refused("not_confirmed"), .superseded] {
            var copy = oracle
            #expect(!copy.judge([(.cancel("a"), reply)], ["a": Sample.confirmed(request).cancelled]).isEmpty)
        }
        var copy = oracle
        #expect(copy.judge([(.cancel("a"), .done)]).map(\.problem) == ["was not cancelled"])
        #expect(copy.judge([(.cancel("b"), .refused("not_found"))]).isEmpty)
        #expect(copy.judge([(.cancel("b"), .done)]).count == 1)
        let invalid = Sample.request("c", ["passenger_age": .null])
        let outcome = Sample.rejected(invalid, "invalid_request", problems: ["passenger_age"])
        #expect(copy.judge([(.request(invalid), nil)], ["c": outcome]).isEmpty)
        #expect(copy.judge([(.cancel("c"), .refused("not_confirmed"))]).isEmpty)
        #expect(copy.judge([(.cancel("c"), .done)]).count == 1)
    }

    @Test("of another price than was added is noticed")
    func otherPrice() throws {
        var oracle = try booked()
        var cancelled = Sample.confirmed(request).cancelled
        cancelled.amounts?.total -= 1
        let phase = Phase([Issued(.cancel("a"), reply: .done)], traces: ["a": Trace(cancelled: cancelled)])
        #expect(oracle.judge(phase).count == 1)
    }

    @Test("races with its own request, and its answer says who won")
    func race() {
        let free = Sample.request("a")
        let endings: [(Reply, Outcome, Bool)] = [
            (.done, Sample.confirmed(free).cancelled, true), (.refused("not_found"), Sample.confirmed(free), true),
            (.done, Sample.confirmed(free), false), (.refused("not_found"), Sample.confirmed(free).cancelled, false),
            (.refused("not_confirmed"), Sample.confirmed(free), false),
        ]
        for (reply, outcome, isRight) in endings {
            var oracle = Oracle()
            let commands: [(Command, Reply?)] = [(.cancel("a"), reply), (.request(free), nil)]
            #expect(oracle.judge(commands, ["a": outcome]).isEmpty == isRight, "\(reply) \(outcome.status)")
        }
    }

    @Test("a twin is answered with the booking, one with other contents with request_id_reused and no more")
    func twins() throws {
        let other = Sample.request("a", ["passenger_age": .integer(10)])
        let confirmed = Sample.confirmed(request)
        let cases: [(SentRequest, Reply, Bool)] = [
            (request, .outcome(confirmed), true), (request, .pending, false),
            (request, .refused("request_id_reused"), false), (other, .outcome(confirmed), false),
            (other, .refused("request_id_reused"), true),
        ]
        for (twin, reply, isRight) in cases {
            var oracle = try booked()
            #expect(oracle.judge([(.request(twin), reply)]).isEmpty == isRight)
            #expect(oracle.figures()["bookings_confirmed"] == 1)
        }
    }

    @Test("of two contents with one id at once either may win, and the other is refused")
    func contest() {
        let (one, two) = (Sample.request("a"), Sample.request("a", ["passenger_age": .integer(40)]))
        let cases: [(Reply, Reply, Bool)] = [
            (.outcome(Sample.confirmed(one)), .refused("request_id_reused"), true),
            (.pending, .refused("request_id_reused"), true),
            (.refused("request_id_reused"), .outcome(Sample.confirmed(two)), false),
        ]
        for (first, second, isRight) in cases {
            var oracle = Oracle()
            let commands: [(Command, Reply?)] = [(.request(one), first), (.request(two), second)]
            #expect(oracle.judge(commands, ["a": Sample.confirmed(one)]).isEmpty == isRight)
        }
        // An outcome does not tell these two apart; the answers do.
        let three = Sample.request("a", ["expires_at": .text("2098-01-01T00:00:00Z")])
        let answers: [(Reply?, Reply?, Bool)] = [
            (.pending, .refused("request_id_reused"), true), (.refused("request_id_reused"), .pending, true),
            (nil, .refused("request_id_reused"), true), (.pending, nil, true), (.pending, .pending, false),
            (.refused("request_id_reused"), .refused("request_id_reused"), false),
        ]
        for (first, second, isRight) in answers {
            var oracle = Oracle()
            let commands: [(Command, Reply?)] = [(.request(one), first), (.request(three), second)]
            #expect(oracle.judge(commands, ["a": Sample.confirmed(one)]).isEmpty == isRight)
        }
    }
}
