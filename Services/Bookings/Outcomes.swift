import ArgumentParser
import Client
import Contract
import Terminal

/// How a booking is shown.
struct Outcomes {
    let broker: Broker

    init(_ broker: Broker) { self.broker = broker }

    /// Shows the answer to a request or to `query.booking`.
    /// - Returns: 0 confirmed, 1 rejected, cancelled or refused, 2 pending or unknown.
    func show(_ body: [UInt8]) throws(ClientError) -> ExitCode {
        if broker.json { Output.standard.write(body + [UInt8(ascii: "\n")]) }
        switch try Answer<BookingStatus>.read(body) {
        case .answered(.decided(let outcome)):
            if !broker.json { Self.show(outcome) }
            return outcome.status == .confirmed ? .success : ExitCode(1)
        case .answered(.pending(let requestID, let number)):
            if !broker.json {
                Output.standard.line("Booking \(number) is not decided yet (request \(requestID.printable)).")
            }
            return ExitCode(2)
        case .failed(let reply):
            if !broker.json { broker.explain(reply) }
            return ExitCode(reply.code == .notFound ? 2 : 1)
        }
    }

    private static func show(_ outcome: BookingOutcome) {
        let output = Output.standard
        let number = "Booking \(outcome.bookingNumber)"
        switch outcome.status {
        case .confirmed: output.line(output.styled("✔ ", .green) + number + output.styled(" is confirmed", .bold))
        case .cancelled: output.line(output.styled("✘ ", .yellow) + number + output.styled(" is cancelled", .bold))
        case .rejected:
            let reason = outcome.reason.map { ": \($0.sentence)" } ?? ""
            output.line(output.styled("✘ ", .red) + number + output.styled(" is rejected", .bold) + reason)
        }
        for problem in outcome.problems ?? [] {
            output.line("    \(problem.field.printable) \(problem.problem.printable)")
        }
        var facts = Table([.text(""), .text("")])
        facts.add(["Passenger", .init(outcome.passenger)])
        if let email = outcome.email { facts.add(["E-mail", .init(email)]) }
        if let destination = outcome.destination { facts.add(["Destination", .init(destination)]) }
        facts.add(["Request", .init(outcome.requestID)])
        facts.add(["Decided at", .init(outcome.occurredAt.description)])
        facts.write(to: output, indent: 4)
        showPrice(outcome)
        if outcome.status == .confirmed, let points = outcome.loyaltyPoints {
            let first = outcome.firstBooking == true ? ", 500 of them for the first booking" : ""
            output.line("    \(Figures.count(points)) loyalty points\(first)")
        }
    }

    private static func showPrice(_ outcome: BookingOutcome) {
        guard let fare = outcome.baseFare, let total = outcome.totalPrice else { return }
        Price.table(
            fare: fare, discount: outcome.discount ?? 0, tax: outcome.tax ?? 0, petTax: outcome.petTax ?? 0,
            total: total, currency: outcome.currency ?? Contract.currency
        ).write(to: .standard, indent: 4)
    }
}

extension BookingOutcome {
    /// Name and age, as far as they are known.
    var passenger: String {
        "\(passengerName ?? "?")\(passengerAge.map { ", \($0) year\($0 == 1 ? "" : "s")" } ?? "")"
    }
}

extension BookingOutcome.Reason {
    /// For people.
    var sentence: String {
        switch self {
        case .invalidRequest: "the request is invalid"
        case .expired: "the request came too late"
        case .unknownDestination: "there is no such destination"
        case .unknownFlight: "there is no such flight"
        case .wrongDestination: "the flight goes elsewhere"
        case .flightDeparted: "the flight is gone"
        case .flightFull: "the flight is full"
        }
    }
}

extension Price {
    /// How a price comes about, an amount a line.
    static func table(fare: Int, discount: Int, tax: Int, petTax: Int, total: Int, currency: String) -> Table {
        var table = Table([.text(""), .number("")])
        table.add(["Fare", .init(Figures.amount(fare))])
        if discount > 0 { table.add(["Promotion", .init(Figures.amount(-discount))]) }
        table.add(["Tax", .init(Figures.amount(tax))])
        if petTax > 0 { table.add(["Tax on the pet", .init(Figures.amount(petTax))]) }
        table.add([.init("Total in \(currency)"), .init(Figures.amount(total), .bold)])
        return table
    }
}
