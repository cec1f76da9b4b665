import AMQP
import Contract
import Postgres
import Runtime

/// Questions that the database answers; `query.quote` gets its fare here and its answer from pricing.
struct Queries: Sendable {
    let store: BookingStore

    func handle(_ batch: [Delivery]) async throws -> [Verdict] {
        var verdicts: [Verdict] = []
        for delivery in batch {
            do {
                verdicts.append(try await answer(delivery))
            } catch let error as CommandError {
                verdicts.append(.done(replies: Reply.to(delivery, error.reply)))
            }
        }
        return verdicts
    }

    private func answer(_ delivery: Delivery) async throws -> Verdict {
        switch delivery.routingKey {
        case RoutingKey.queryBooking:
            let booking = try await store.booking(BookingQuery.read(delivery.body).requestID)
            return reply(delivery, booking?.answer)
        case RoutingKey.queryDestination:
            return reply(delivery, try await store.destination(DestinationQuery.read(delivery.body).destination))
        case RoutingKey.queryDestinations:
            do { _ = try JSON.object(delivery.body) } catch { throw CommandError.unreadable(error) }
            return reply(delivery, DestinationList(destinations: try await store.destinations()))
        case RoutingKey.queryFlight:
            return reply(delivery, try await store.flight(FlightQuery.read(delivery.body).flightID))
        case RoutingKey.queryCustomer:
            return reply(delivery, try await store.customer(CustomerQuery.read(delivery.body)))
        case RoutingKey.querySettled:
            let chunk = try SettledQuery.read(delivery.body).chunk
            let last = try await store.lastBooking()
            return reply(delivery, SettledAnswer(lastBooking: last, settled: try await store.settled(chunk: chunk)))
        case RoutingKey.queryQuote:
            return try await fare(QuoteRequest.read(delivery.body), delivery)
        default:
            return .done()
        }
    }

    private func reply(_ delivery: Delivery, _ answer: (some Encodable)?) -> Verdict {
        guard let answer else {
            return .done(replies: Reply.to(delivery, CommandReply.failed(.notFound, "there is none of that name")))
        }
        return .done(replies: Reply.to(delivery, answer))
    }

    /// Passes a quote on to pricing, with the fare and taxes that a booking would get now.
    private func fare(_ request: QuoteRequest, _ delivery: Delivery) async throws -> Verdict {
        guard let destination = try await store.destination(request.destination) else {
            let refusal = CommandReply.failed(.unknownDestination, "'\(request.destination)' is not registered")
            return .done(replies: Reply.to(delivery, refusal))
        }
        let quote = OutgoingMessage.between(
            services: RoutingKey.quoteFared, QuoteFared(request, destination), causedBy: delivery,
            replyTo: delivery.message.replyTo)
        return .done([quote])
    }
}

extension BookingStore {
    /// The booking of a request, where one is stored.
    func booking(_ requestID: String) async throws -> StoredBooking? {
        let sql = "SELECT \(StoredBooking.columns) FROM bookings b WHERE request_id = $1"
        return try await query(sql, [.text(requestID)]).first.map { try StoredBooking($0) }
    }

    /// A destination's fare and taxes, where it is registered.
    func destination(_ name: String) async throws -> Destination? {
        try await query(Self.selectDestinations + " WHERE destination = $1", [.text(name)]).first.map(Self.destination)
    }

    /// All destinations, by name.
    func destinations() async throws -> [Destination] {
        try await query(Self.selectDestinations + " ORDER BY destination").map(Self.destination)
    }

    private static let selectDestinations = "SELECT destination, base_fare, tax, pet_tax FROM destinations"

    private static func destination(_ row: PostgresRow) throws -> Destination {
        Destination(
            destination: try row.string(0), baseFare: try row.int(1), tax: try row.int(2), petTax: try row.int(3))
    }

    /// A flight, where it is scheduled.
    func flight(_ id: String) async throws -> Flight? {
        let sql = """
            SELECT flight_id, destination, (extract(epoch FROM departs_at) * 1000)::bigint, seats, seats_taken
            FROM flights WHERE flight_id = $1
            """
        return try await query(sql, [.text(id)]).first.map { row in
            Flight(
                flightID: try row.string(0), destination: try row.string(1),
                departsAt: Timestamp(milliseconds: Int64(try row.int(2))), seats: try row.int(3),
                seatsTaken: try row.int(4))
        }
    }

    /// A customer's points and bookings, where the address has had a confirmed booking.
    func customer(_ asked: CustomerQuery) async throws -> CustomerAnswer? {
        let sql = "SELECT points, bookings FROM customers WHERE email = $1"
        return try await query(sql, [.text(asked.customerKey)]).first.map { row in
            CustomerAnswer(email: asked.email, loyaltyPoints: try row.int(0), bookings: try row.int(1))
        }
    }
}
