import Model
import Testing

@Suite("Oracle: seats, fares and revisions")
struct SeatTests {
    private func oracle(seats: Int) -> Oracle {
        var oracle = Oracle()
        _ = oracle.judge([(.schedule(Sample.flight(seats, revision: 1)), .done)])
        return oracle
    }

    /// So many requests for the flight at once, of which the first are confirmed and the others find it full.
    private func rush(_ wanting: Int, confirmed: Int) -> (commands: [(Command, Reply?)], outcomes: [String: Outcome]) {
        let requests = (0..<wanting).map { index in
            Sample.request("r\(index)", ["flight_id": .text("F"), "email": .text("p\(index)@example.com")])
        }
        let outcomes = requests.enumerated().map { index, request in
            (request.id, index < confirmed ? Sample.confirmed(request) : Sample.rejected(request, "flight_full"))
        }
        return (requests.map { (.request($0), nil) }, Dictionary(uniqueKeysWithValues: outcomes))
    }

    @Test(
        "exactly as many are confirmed as there are seats", arguments: [(0, false), (2, false), (3, true), (4, false)])
    func scarce(confirmed: Int, isRight: Bool) {
        var oracle = oracle(seats: 3)
        let (commands, outcomes) = rush(5, confirmed: confirmed)
        #expect(oracle.judge(commands, outcomes).isEmpty == isRight)
    }

    @Test("nobody is turned away from a flight with free seats, and one can't be full without bookings")
    func roomy() {
        var oracle = oracle(seats: 5)
        let (commands, outcomes) = rush(5, confirmed: 5)
        #expect(oracle.judge(commands, outcomes).isEmpty)
        #expect(oracle.seatsTaken(on: "F") == 5)
        let late = Sample.request("late", ["flight_id": .text("F")])
        var copy = oracle
        #expect(!copy.judge([(.request(late), nil)], ["late": Sample.confirmed(late)]).isEmpty)
        #expect(oracle.judge([(.request(late), nil)], ["late": Sample.rejected(late, "flight_full")]).isEmpty)
    }

    @Test("a seat that is given back may be taken again, by as many as gave one back")
    func givenBack() {
        for (confirmed, isRight) in [(0, true), (1, true), (2, false)] {
            var oracle = oracle(seats: 1)
            let held = Sample.request("held", ["flight_id": .text("F")])
            _ = oracle.judge([(.request(held), nil)], ["held": Sample.confirmed(held)])
            var (commands, outcomes) = rush(2, confirmed: confirmed)
            commands.append((.cancel("held"), .done))
            outcomes["held"] = Sample.confirmed(held).cancelled
            #expect(oracle.judge(commands, outcomes).isEmpty == isRight)
        }
    }

    @Test("seats change by revision, and never below those taken")
    func changes() {
        var oracle = oracle(seats: 3)
        let (commands, outcomes) = rush(2, confirmed: 2)
        _ = oracle.judge(commands, outcomes)
        let cases: [(FlightChange, Reply)] = [
            (Sample.flight(9, revision: 1), .superseded),
            (Sample.flight(1, revision: 2), .refused("seats_below_taken")), (Sample.flight(2, revision: 2), .done),
            (Sample.flight(7), .done), (Sample.flight(-1), .refused("invalid_request")),
        ]
        for (change, reply) in cases {
            for wrong in [Reply.done, .superseded, .refused("seats_below_taken")] where wrong != reply {
                var copy = oracle
                #expect(!copy.judge([(.schedule(change), wrong)]).isEmpty, "\(change) \(wrong)")
            }
            #expect(oracle.judge([(.schedule(change), reply)]).isEmpty, "\(change) \(reply)")
        }
        #expect(oracle.flights["F"]?.seats == 7)
        let nowhere = FlightChange("G", to: "Nowhere", departs: "2099-01-01T00:00:00Z", seats: 1)
        #expect(oracle.judge([(.schedule(nowhere), .refused("unknown_destination"))]).isEmpty)
        #expect(oracle.judge([(.schedule(nowhere), .done)]).count == 1)
    }

    @Test("seats that grow while they are wanted allow what lies between")
    func growing() {
        for (confirmed, isRight) in [(1, false), (2, true), (3, true), (4, true), (5, false)] {
            var oracle = oracle(seats: 2)
            var (commands, outcomes) = rush(6, confirmed: confirmed)
            commands.append((.schedule(Sample.flight(4, revision: 2)), .done))
            #expect(oracle.judge(commands, outcomes).isEmpty == isRight)
        }
    }

    @Test("a destination's fare is the one in force, or one of two while it changes")
    func fares() {
        let request = Sample.request("a")
        let change = DestinationChange("Cartagena", Fare(base: 10, tax: 2, petTax: 3), revision: 5)
        var dear = Sample.confirmed(request)
        var cheap = dear
        cheap.amounts = Amounts(base: 10, discount: 0, tax: 2, petTax: 0, total: 12)
        cheap.points = 500
        for outcome in [dear, cheap] {
            var oracle = Oracle()
            #expect(oracle.judge([(.request(request), nil), (.set(change), .done)], ["a": outcome]).isEmpty)
        }
        var oracle = Oracle()
        #expect(oracle.judge([(.set(change), .done)]).isEmpty)
        #expect(oracle.judge([(.set(change), .done)]).count == 1)
        #expect(oracle.judge([(.set(change), .superseded)]).isEmpty)
        dear.isFirst = true
        #expect(oracle.judge([(.request(request), nil)], ["a": dear]).count == 1)
        let negative = DestinationChange("Cartagena", Fare(base: -1, tax: 2, petTax: 3))
        #expect(oracle.judge([(.set(negative), nil)]).isEmpty)
        #expect(oracle.letters == [negative.body])
    }
}
