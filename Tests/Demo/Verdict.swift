import AMQP
import Contract
import Terminal

/// Whether what came out is what had to come out, figure by figure.
struct Verdict {
    private var differences: [String] = []
    private var figures = 0
    private let requests: Int

    var agrees: Bool { differences.isEmpty }

    init(_ expectation: Expectation, _ report: Report, _ outcomes: Outcomes, _ letters: [LetterLine], _ cast: Cast) {
        requests = cast.requests.count
        differences = outcomes.differences
        compare(expectation.report, report)
        compareDestinations(expectation.report.destinations, report.destinations)
        check("first bookings among the outcomes", expectation.newCustomers, outcomes.firstBookings)
        compare(letters, cast.unreadable)
    }

    private mutating func check<T: Equatable>(_ what: String, _ expected: T, _ found: T) {
        figures += 1
        if expected != found { differences.append("\(what): \(expected) by the rules, \(found) in the system") }
    }

    private mutating func compare(_ expected: Report, _ found: Report) {
        check("bookings_confirmed", expected.bookingsConfirmed, found.bookingsConfirmed)
        check("bookings_rejected", expected.bookingsRejected, found.bookingsRejected)
        check("bookings_cancelled", expected.bookingsCancelled, found.bookingsCancelled)
        check("total_collected", expected.totalCollected, found.totalCollected)
        check("tax_collected", expected.taxCollected, found.taxCollected)
        check("discounts", expected.discounts, found.discounts)
        check("pets", expected.pets, found.pets)
        check("infants", expected.infants, found.infants)
        check("promotions", expected.promotions, found.promotions)
        check("candies.count", expected.candies.count, found.candies.count)
        check("candies.cost", expected.candies.cost, found.candies.cost)
        check("loyalty_points", expected.loyaltyPoints, found.loyaltyPoints)
        check("customers", expected.customers ?? 0, found.customers ?? -1)
        check("preferred_destination", expected.preferredDestination ?? "none", found.preferredDestination ?? "none")
        check("currency", expected.currency, found.currency)
        check("rebuilding", false, found.rebuilding ?? false)
    }

    private mutating func compareDestinations(_ expected: [Report.Line], _ found: [Report.Line]) {
        check(
            "destinations, in their order", expected.map(\.destination).joined(separator: ", "),
            found.map(\.destination).joined(separator: ", "))
        for line in expected {
            guard let other = found.first(where: { $0.destination == line.destination }) else { continue }
            check("bookings to \(line.destination)", line.bookings, other.bookings)
            check("collected for \(line.destination)", line.collected, other.collected)
            check("tax for \(line.destination)", line.tax, other.tax)
        }
    }

    private mutating func compare(_ letters: [LetterLine], _ expected: [String: String]) {
        var found: [String: String] = [:]
        for letter in letters { found[letter.messageID ?? ""] = letter.reason }
        for (id, reason) in expected.sorted(by: { $0.key < $1.key }) {
            check("dead letter \(id)", reason, found[id] ?? "missing")
        }
        for letter in letters where expected[letter.messageID ?? ""] == nil {
            let id = letter.messageID ?? "-"
            differences.append("\(id) is a dead letter: \(letter.reason), \(letter.detail)")
        }
    }

    func show(on output: Output) {
        if agrees {
            let checked = "\(Figures.count(requests)) outcomes and \(Figures.count(figures)) figures"
            let agreement = "all " + output.styled("agree", .bold) + " with the system."
            output.line(output.styled("✔ ", .green) + checked + ", computed from the rules alone, " + agreement)
            return sayWhatNext(on: output)
        }
        output.line(output.styled("✘ ", .red) + "Computed from the rules alone, this differs:")
        for difference in differences.prefix(40) { output.line("    \(difference.printable)") }
        if differences.count > 40 { output.line("    and \(differences.count - 40) more") }
        output.line("  (So it does when somebody else books meanwhile, and with other settings for candies.)")
    }

    private func sayWhatNext(on output: Output) {
        output.line()
        output.line(output.styled("What to try next, while the services run", .bold))
        var table = Table([.text(""), .text("")])
        table.add([
            #"bookings request --name "Ana Gómez" --age 9 --email ana@example.com --destination Leticia --pet"#,
            "book a flight",
        ])
        table.add(["bookings report", "the figures again"])
        table.add(["bookings watch", "every outcome as it comes"])
        table.add(["dead-letter list", "what could not be processed"])
        table.write(to: output, indent: 2)
    }
}
