import Model
import Testing

@Suite("Oracle: what becomes of a request")
struct DecisionTests {
    private let departed = FlightChange("F", to: "Cartagena", departs: "2020-01-01T00:00:00Z", seats: 9)

    @Test("is confirmed at its price, with the points of its price and of the address' first booking")
    func confirmed() throws {
        let (one, two) = (Sample.request("a"), Sample.request("b", ["email": .text(" JUAN@Example.com ")]))
        var second = Sample.confirmed(two, isFirst: false)
        second.echo["email"] = .text("JUAN@Example.com")
        let oracle = try #require(
            Oracle.after([
                ([(.request(one), nil)], ["a": Sample.confirmed(one)]), ([(.request(two), nil)], ["b": second]),
            ]))
        #expect(oracle.customers["juan@example.com"]?.points == 552)
        #expect(oracle.customers["juan@example.com"]?.bookings == 2)
        #expect(oracle.figures()["total_collected"] == 52_500_000)
    }

    @Test("a wrong amount, wrong points, a second first booking, another name or no outcome at all are noticed")
    func wrong() {
        let request = Sample.request("a")
        var outcomes = Array(repeating: Sample.confirmed(request), count: 5)
        outcomes[0].amounts?.total += 1
        outcomes[1].points = 26
        outcomes[2].echo["passenger_name"] = .text("Juan Perez")
        outcomes[3].echo["email"] = nil
        outcomes[4] = Sample.confirmed(request, isFirst: false)
        for outcome in outcomes {
            var oracle = Oracle()
            #expect(oracle.judge([(.request(request), nil)], ["a": outcome]).count == 1)
        }
        var oracle = Oracle()
        #expect(oracle.judge([(.request(request), nil)]).map(\.problem) == ["has no outcome"])
        _ = oracle.judge([(.request(request), nil)], ["a": Sample.confirmed(request)])
        let again = Sample.request("b")
        #expect(oracle.judge([(.request(again), nil)], ["b": Sample.confirmed(again)]).count == 1)
    }

    @Test("what is wrong is reported in the contract's order")
    func order() {
        let everything: [String: Value] = [
            "passenger_age": .integer(131), "expires_at": .text("2020-01-01T00:00:00Z"),
            "destination": .text("Nowhere"),
            "flight_id": .text("F"),
        ]
        var rest = everything
        let steps: [(reason: String, mend: [String: Value])] = [
            ("invalid_request", ["passenger_age": .integer(30)]), ("expired", ["expires_at": .null]),
            ("unknown_destination", ["destination": .text("Cali")]), ("wrong_destination", [:]),
        ]
        for (reason, mend) in steps {
            var oracle = Oracle()
            _ = oracle.judge([(.schedule(departed), .done)])
            let request = Sample.request("a", rest)
            let problems = reason == "invalid_request" ? ["passenger_age"] : []
            for other in ["expired", "flight_full", "flight_departed", "unknown_flight"] where other != reason {
                var copy = oracle
                #expect(!copy.judge([(.request(request), nil)], ["a": Sample.rejected(request, other)]).isEmpty)
            }
            let outcome = Sample.rejected(request, reason, problems: problems)
            #expect(oracle.judge([(.request(request), nil)], ["a": outcome]).isEmpty, "\(reason)")
            #expect(oracle.figures()["bookings_rejected"] == 1)
            rest.merge(mend) { $1 }
        }
        var oracle = Oracle()
        let request = Sample.request("a", ["flight_id": .text("F")])
        #expect(oracle.judge([(.request(request), nil)], ["a": Sample.rejected(request, "unknown_flight")]).isEmpty)
        _ = oracle.judge([(.schedule(departed), .done)])
        let late = Sample.request("b", ["flight_id": .text("F")])
        #expect(oracle.judge([(.request(late), nil)], ["b": Sample.rejected(late, "flight_departed")]).isEmpty)
    }

    @Test(
        "every rule for a field",
        arguments: [
            ("passenger_age", Value.flag(true)), ("passenger_age", .text("9")), ("passenger_age", .decimal(9.5)),
            ("passenger_age", .integer(-1)), ("email", .text("a@b@c")), ("email", .text("@b")), ("email", .text("a@")),
            ("email", .text(String(repeating: "x", count: 253) + "@y")), ("passenger_name", .text("")),
            ("passenger_name", .text(String(repeating: "ñ", count: 201))), ("passenger_name", .text("a\0b")),
            ("destination", .null), ("has_pet", .text("true")), ("has_promotion", .integer(1)),
            ("expires_at", .text("2026-02-30T00:00:00Z")), ("flight_id", .text("")),
        ])
    func invalid(field: String, value: Value) {
        var oracle = Oracle()
        let request = Sample.request("a", [field: value])
        let outcome = Sample.rejected(request, "invalid_request", problems: [field])
        #expect(oracle.judge([(.request(request), nil)], ["a": outcome]).isEmpty)
    }

    @Test("a spelling of the same is the same")
    func spellings() {
        var oracle = Oracle()
        let request = Sample.request(
            "a", ["passenger_age": .decimal(9), "destination": .text("Bogota\u{301}"), "expires_at": .null])
        var outcome = Sample.confirmed(request)
        outcome.echo["passenger_age"] = .integer(9)
        outcome.echo["destination"] = .text("Bogotá")
        outcome.amounts = Fare(base: 18_000_000, tax: 720_000, petTax: 0).amounts(hasPet: false, hasPromotion: false)
        outcome.points = 518
        #expect(oracle.judge([(.request(request), nil)], ["a": outcome]).isEmpty)
    }
}
