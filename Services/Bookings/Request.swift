import ArgumentParser
import Client
import Contract
import FoundationEssentials
import Terminal

/// `bookings request`
struct Request: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Request a booking, and wait for its outcome.",
        discussion: """
            What is typed is sent as it is: the services say what is wrong with it. The same --id again books nothing, \
            and shows the booking as it is.

            Examples:
              bookings request --name "Ana Gómez" --age 34 --email ana@example.com \\
                  --destination Cartagena
              bookings request --name Li --age 9 --email li@example.com \\
                  --destination Cali --pet --promotion --json

            Exit status: 0 confirmed, 1 rejected, 2 no outcome in time (it may still come: bookings status ID).
            """)

    @Option(help: "The passenger's name.")
    var name: String
    @Option(parsing: .unconditional, help: "The passenger's age in years.")
    var age: String
    @Option(help: "The customer's e-mail address.")
    var email: String
    @Option(help: "Where to.")
    var destination: String
    @Flag(help: "A pet comes along.")
    var pet = false
    @Flag(help: "The promotion applies: 10 % off the fare.")
    var promotion = false
    @Option(help: ArgumentHelp("A certain flight.", valueName: "flight-id"))
    var flight: String?
    @Option(help: ArgumentHelp("When the request is void, such as 2026-11-21T10:00:00Z.", valueName: "time"))
    var expires: String?
    @Option(help: "The request's id; by default a new one.")
    var id: String?
    @Flag(name: .customLong("no-wait"), help: "Only hand it over to the broker.")
    var noWait = false
    @OptionGroup var broker: Broker

    func run() async throws {
        let requestID = id ?? UUID().uuidString.lowercased()
        let body = JSON.encode(TypedRequest(self, requestID: requestID))
        try await broker.connected { client throws(ClientError) in
            if noWait {
                let message = ClientMessage(RoutingKey.bookingRequest, body, messageID: requestID)
                try await client.publish(message, timeout: broker.limit)
                return sayPublished(requestID)
            }
            do throws(ClientError) {
                let answer = try await client.request(body, requestID: requestID, timeout: broker.limit)
                return try Outcomes(broker).show(answer)
            } catch {
                Output.error.line("There is no outcome of request \(requestID.printable) yet.")
                throw error
            }
        }
    }

    private func sayPublished(_ requestID: String) -> ExitCode {
        if broker.json {
            Output.standard.write(JSON.encode(["request_id": requestID]) + [UInt8(ascii: "\n")])
        } else {
            Output.standard.line("The broker has it. What became of it: bookings status \(requestID.printable)")
        }
        return .success
    }
}

/// A booking.request of what was typed.
private struct TypedRequest: Encodable {
    let request: Request
    let requestID: String

    init(_ request: Request, requestID: String) {
        self.request = request
        self.requestID = requestID
    }

    private enum CodingKeys: String, CodingKey {
        case requestID = "request_id"
        case passengerName = "passenger_name"
        case passengerAge = "passenger_age"
        case email
        case destination
        case hasPet = "has_pet"
        case hasPromotion = "has_promotion"
        case flightID = "flight_id"
        case expiresAt = "expires_at"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(requestID, forKey: .requestID)
        try container.encode(request.name, forKey: .passengerName)
        // What is no number goes as it was typed, so that the services can say what is wrong with it.
        if let age = Int(request.age) {
            try container.encode(age, forKey: .passengerAge)
        } else {
            try container.encode(request.age, forKey: .passengerAge)
        }
        try container.encode(request.email, forKey: .email)
        try container.encode(request.destination, forKey: .destination)
        try container.encode(request.pet, forKey: .hasPet)
        try container.encode(request.promotion, forKey: .hasPromotion)
        try container.encodeIfPresent(request.flight, forKey: .flightID)
        try container.encodeIfPresent(request.expires, forKey: .expiresAt)
    }
}
