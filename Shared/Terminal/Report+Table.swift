import Contract

extension Report {
    /// Writes the figures as tables for people, with a bar for each destination.
    public func write(to output: Output) {
        if rebuilding == true {
            output.line(output.styled("The figures are being rebuilt, and not complete yet.", .yellow))
        }
        writeFigures(to: output)
        guard !destinations.isEmpty else { return }
        output.line()
        writeDestinations(to: output)
        if let preferredDestination {
            let name = output.styled(preferredDestination.printable, .bold)
            output.line()
            output.line("The preferred destination is \(name).")
        }
    }

    private func writeFigures(to output: Output) {
        var counts: [(String, Int)] = [
            ("Confirmed", bookingsConfirmed), ("Rejected", bookingsRejected), ("Cancelled", bookingsCancelled),
            ("With a pet", pets), ("With the promotion", promotions), ("Infants", infants), ("Candies", candies.count),
        ]
        if let customers { counts.append(("Customers", customers)) }
        let sums: [(String, String)] = [
            ("Collected, in \(currency)", Figures.amount(totalCollected)),
            ("Taxes among it", Figures.amount(taxCollected)),
            ("Discounts", Figures.amount(discounts)), ("Cost of candies", Figures.amount(candies.cost)),
            ("Loyalty points", Figures.count(loyaltyPoints)),
        ]
        var table = Table([.text(""), .number(""), .text(""), .text(""), .number("")])
        for (index, count) in counts.enumerated() {
            let sum = index < sums.count ? sums[index] : ("", "")
            table.add([
                .init(count.0), .init(Figures.count(count.1), .bold), "", .init(sum.0), .init(sum.1, .bold),
            ])
        }
        table.write(to: output, indent: 2)
    }

    private func writeDestinations(to output: Output) {
        let most = destinations.map(\.bookings).max() ?? 0
        var table = Table([
            .text("DESTINATION"), .number("BOOKINGS"), .text(""), .number("COLLECTED (\(currency))"), .number("TAXES"),
        ])
        for line in destinations {
            table.add([
                .init(line.destination.cut(to: 40), .bold), .init(Figures.count(line.bookings)),
                .init(Figures.bar(line.bookings, of: most, width: 24), .cyan),
                .init(Figures.amount(line.collected)), .init(Figures.amount(line.tax)),
            ])
        }
        table.write(to: output, indent: 2)
    }
}
