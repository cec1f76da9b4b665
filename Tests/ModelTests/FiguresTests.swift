import Model
import Testing

@Suite("Oracle: reports")
struct FiguresTests {
    private var whole: Figures {
        Figures(
            counts: [
                "bookings_confirmed": 3, "total_collected": 110, "tax_collected": 6, "pets": 1, "infants": 1,
                "promotions": 1, "discounts": 1, "candies": 3, "candy_cost": 150_000,
            ], customers: 2, preferred: "B",
            lines: [
                Figures.Line("B", bookings: 2, collected: 90, tax: 4),
                Figures.Line("A", bookings: 1, collected: 20, tax: 2),
            ])
    }

    @Test("one whose figures belong together has no contradiction")
    func consistent() { #expect(whole.contradictions(Rules()) == []) }

    @Test("figures that lack a part of an event contradict each other")
    func torn() {
        let changes: [(inout Figures) -> Void] = [
            { $0["bookings_confirmed"] = 2 }, { $0["total_collected"] = 90 }, { $0["tax_collected"] = 7 },
            { $0["pets"] = 4 }, { $0["infants"] = 0 }, { $0["candies"] = 6 }, { $0["discounts"] = -1 },
            { $0.lines[0].bookings = 1 }, { $0.preferred = "A" },
        ]
        for change in changes {
            var figures = whole
            change(&figures)
            #expect(figures.contradictions(Rules()) != [])
        }
    }

    @Test("of one destination whose fare never changed the sums follow from the counts")
    func oneDestination() {
        let fare = Fare(base: 100, tax: 7, petTax: 30)
        var figures = Figures(
            counts: [
                "bookings_confirmed": 3, "pets": 1, "promotions": 2, "discounts": 20, "tax_collected": 51,
                "total_collected": 331,
            ], lines: [Figures.Line("A", bookings: 3, collected: 331, tax: 51)])
        #expect(figures.contradictions(Rules(), fare: fare) == [])
        figures["discounts"] = 10
        #expect(figures.contradictions(Rules(), fare: fare).count == 2)
    }

    @Test("some figures never get less")
    func later() {
        var later = whole
        later["bookings_confirmed"] = 2
        #expect(whole.contradictions(later: later).count == 1)
        later["bookings_cancelled"] = 1
        #expect(whole.contradictions(later: later) == [])
        later.customers = 1
        #expect(whole.contradictions(later: later).count == 1)
    }

    @Test("destinations are sorted by bookings, then by name")
    func order() {
        var oracle = Oracle(destinations: [
            "B": Fare(base: 1, tax: 0, petTax: 0), "A": Fare(base: 1, tax: 0, petTax: 0),
        ])
        for (id, destination) in [("1", "B"), ("2", "A")] {
            let request = Sample.request(id, ["destination": .text(destination), "email": .text("\(id)@b")])
            var outcome = Sample.confirmed(request)
            outcome.amounts = Amounts(base: 1, discount: 0, tax: 0, petTax: 0, total: 1)
            outcome.points = 500
            #expect(oracle.judge([(.request(request), nil)], [id: outcome]).isEmpty)
        }
        #expect(oracle.figures().lines.map(\.destination) == ["A", "B"])
        #expect(oracle.figures().preferred == "A")
        #expect(oracle.figures(of: "B").lines.map(\.destination) == ["B"])
        #expect(oracle.figures(of: "B").customers == nil)
    }
}
