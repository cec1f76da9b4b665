import ArgumentParser
import Client
import Contract
import Terminal

/// `bookings status`
struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what became of a request.",
        discussion: "Exit status: 0 confirmed, 1 rejected or cancelled, 2 not decided yet or unknown.")

    @Argument(help: "The request's id.")
    var id: String
    @OptionGroup var broker: Broker

    func run() async throws {
        try await broker.connected { client throws(ClientError) in
            let query = JSON.encode(BookingQuery(requestID: id))
            return try Outcomes(broker).show(
                try await client.ask(RoutingKey.queryBooking, query, timeout: broker.limit))
        }
    }
}

/// `bookings cancel`
struct Cancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Cancel a booking; one that is not decided yet, as soon as it is confirmed.")

    @Argument(help: "The request's id.")
    var id: String
    @OptionGroup var broker: Broker

    func run() async throws {
        try await broker.command(RoutingKey.bookingCancel, BookingCancel(requestID: id)) {
            Output.standard.line("The booking is cancelled, or will be as soon as it is confirmed.")
        }
    }
}

/// `bookings quote`
struct QuoteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quote", abstract: "Show what a booking would cost; books nothing.")

    @Option(help: "Where to.")
    var destination: String
    @Flag(help: "A pet comes along.")
    var pet = false
    @Flag(help: "The promotion applies: 10 % off the fare.")
    var promotion = false
    @OptionGroup var broker: Broker

    func run() async throws {
        let question = QuoteRequest(destination: destination, hasPet: pet, hasPromotion: promotion)
        try await broker.ask(RoutingKey.queryQuote, question, as: Quote.self) { quote in
            Output.standard.line(Output.standard.styled(quote.destination.printable, .bold))
            Price.table(
                fare: quote.baseFare, discount: quote.discount, tax: quote.tax, petTax: quote.petTax,
                total: quote.totalPrice, currency: quote.currency
            ).write(to: .standard, indent: 4)
        }
    }
}

/// `bookings customer`
struct Customer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show a customer's loyalty points and bookings.")

    @Argument(help: "The e-mail address.")
    var email: String
    @OptionGroup var broker: Broker

    func run() async throws {
        let question = CustomerQuery(email: email)
        try await broker.ask(RoutingKey.queryCustomer, question, as: CustomerAnswer.self) { customer in
            let bookings = "\(Figures.count(customer.bookings)) booking\(customer.bookings == 1 ? "" : "s")"
            let points = "\(Figures.count(customer.loyaltyPoints)) loyalty points"
            Output.standard.line("\(customer.email.printable): \(points), \(bookings)")
        }
    }
}
