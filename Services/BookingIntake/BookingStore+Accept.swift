import Contract
import Postgres

/// The requests of a batch as they are stored now.
struct Acceptances: Sendable {
    /// The bookings, new or stored before, by request id.
    var bookings: [String: StoredBooking] = [:]
    /// The positions of the entries that created a booking.
    var creators: Set<UInt64> = []
}

extension BookingStore {
    /// Stores the requests that are new, takes their seats, and remembers who asks for pending ones; one transaction, and
    /// where nobody wants a seat or an answer one statement.
    ///
    /// Locks are taken in one order by all replicas: new request ids (sorted), stored bookings (by number), flights.
    func accept(_ entries: [RequestEntry]) async throws -> Acceptances {
        if entries.isEmpty { return Acceptances() }
        var first: [String: RequestEntry] = [:]
        for entry in entries where first[entry.requestID] == nil { first[entry.requestID] = entry }
        let distinct = first.values.sorted { $0.requestID.utf8.lexicographicallyPrecedes($1.requestID.utf8) }
        let parameters = RequestColumns(distinct).parameters
        let creators = first.mapValues(\.position)
        let accept: @Sendable (isolated PostgresConnection) throws(PostgresError) -> Acceptances = { connection in
            var acceptances = Acceptances()
            var new: [StoredBooking] = []
            for row in try connection.query(Self.insertRequests, parameters) {
                let booking = try StoredBooking(row)
                acceptances.bookings[booking.requestID] = booking
                new.append(booking)
                if let position = creators[booking.requestID] { acceptances.creators.insert(position) }
            }
            let missing = distinct.map(\.requestID).filter { acceptances.bookings[$0] == nil }
            if !missing.isEmpty {
                // Locked, so that an asker is remembered before the booking is settled, or told how it was.
                for row in try connection.query(Self.selectStored, [.texts(missing)]) {
                    let booking = try StoredBooking(row)
                    acceptances.bookings[booking.requestID] = booking
                }
            }
            try Self.takeSeats(for: new, &acceptances, on: connection)
            try Self.rememberAskers(entries, acceptances, on: connection)
            return acceptances
        }
        let isOneStatement = entries.allSatisfy { $0.flightID == nil && $0.replyTo == nil }
        return try await isOneStatement ? inStatements(accept) : inTransaction(accept)
    }

    /// An invalid request is decided first, then an expired one, then an unknown destination (contract, "Events").
    private static let insertRequests = """
        INSERT INTO bookings AS b (request_id, content_hash, passenger_name, passenger_age, email, customer,
            destination, has_pet, has_promotion, flight_id, problems, base_fare, tax, pet_tax,
            accepted_at, status, reason, settled_at)
        SELECT r.request_id, r.content_hash, r.passenger_name, r.passenger_age, r.email, r.customer,
            r.destination, r.has_pet, r.has_promotion, r.flight_id, r.problems,
            d.base_fare, d.tax, CASE WHEN r.has_pet THEN d.pet_tax ELSE 0 END,
            now(), CASE WHEN v.reason IS NULL THEN 'pending' ELSE 'rejected' END, v.reason,
            CASE WHEN v.reason IS NOT NULL THEN now() END
        FROM unnest($1::text[], $2::bigint[], $3::text[], $4::smallint[], $5::text[], $6::text[], $7::text[],
                $8::boolean[], $9::boolean[], $10::text[], $11::bigint[], $12::jsonb[])
            AS r(request_id, content_hash, passenger_name, passenger_age, email, customer, destination,
                has_pet, has_promotion, flight_id, expires_at, problems)
        LEFT JOIN destinations d ON d.destination = r.destination
        CROSS JOIN LATERAL (SELECT CASE
            WHEN r.problems IS NOT NULL THEN 'invalid_request'
            WHEN r.expires_at <= extract(epoch FROM now()) * 1000 THEN 'expired'
            WHEN d.destination IS NULL THEN 'unknown_destination' END AS reason) v
        ORDER BY r.request_id
        ON CONFLICT (request_id) DO NOTHING
        RETURNING \(StoredBooking.columns)
        """

    private static let selectStored = """
        SELECT \(StoredBooking.columns) FROM bookings b WHERE request_id = ANY($1::text[]) ORDER BY number FOR UPDATE
        """

    private static func rememberAskers(
        _ entries: [RequestEntry], _ acceptances: Acceptances, on connection: isolated PostgresConnection
    ) throws(PostgresError) {
        var (numbers, addresses, correlations): ([Int64?], [String?], [String?]) = ([], [], [])
        for entry in entries {
            guard let replyTo = entry.replyTo, !replyTo.isEmpty, let booking = acceptances.bookings[entry.requestID],
                booking.status == .pending, booking.contentHash == entry.contentHash
            else { continue }
            // PostgreSQL can't keep U+0000; such an address leads nowhere anyway.
            guard !replyTo.utf8.contains(0), entry.correlationID?.utf8.contains(0) != true else { continue }
            numbers.append(Int64(booking.number))
            addresses.append(replyTo)
            correlations.append(entry.correlationID ?? "")
        }
        if numbers.isEmpty { return }
        _ = try connection.query(
            """
            WITH asked AS (
                INSERT INTO askers (booking_number, reply_to, correlation_id)
                SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[]) ORDER BY 1 ON CONFLICT DO NOTHING)
            UPDATE bookings SET has_askers = true WHERE number = ANY($1::bigint[])
            """, [.ints(numbers), .texts(addresses), .texts(correlations)])
    }
}

/// The requests of a batch, column by column, as the insertion's parameters.
private struct RequestColumns {
    var requestIDs: [String?] = []
    var hashes: [Int64?] = []
    var names: [String?] = []
    var ages: [Int64?] = []
    var emails: [String?] = []
    var customers: [String?] = []
    var destinations: [String?] = []
    var pets: [Bool?] = []
    var promotions: [Bool?] = []
    var flights: [String?] = []
    var expiries: [Int64?] = []
    var problems: [String?] = []

    init(_ entries: [RequestEntry]) {
        for entry in entries {
            requestIDs.append(entry.requestID)
            hashes.append(entry.contentHash)
            switch entry.reading {
            case .valid(let request):
                append(
                    request.passengerName, request.passengerAge, request.email, request.destination, request.hasPet,
                    request.hasPromotion, request.flightID)
                expiries.append(request.expiresAt?.milliseconds)
                problems.append(nil)
            case .invalid(let request):
                append(
                    request.passengerName, request.passengerAge, request.email, request.destination, request.hasPet,
                    request.hasPromotion, request.flightID)
                expiries.append(nil)
                problems.append(String(decoding: JSON.encode(Problems(problems: request.problems)), as: UTF8.self))
            }
        }
    }

    private mutating func append(
        _ name: String?, _ age: Int?, _ email: String?, _ destination: String?, _ hasPet: Bool?,
        _ hasPromotion: Bool?, _ flight: String?
    ) {
        names.append(name)
        ages.append(age.map(Int64.init))
        emails.append(email)
        let customer = email?.lowercased()
        // By bytes: Swift takes canonically equivalent texts as equal, the database does not.
        customers.append(customer.flatMap { key in email?.utf8.elementsEqual(key.utf8) == true ? nil : key })
        destinations.append(destination)
        pets.append(hasPet)
        promotions.append(hasPromotion)
        flights.append(flight)
    }

    var parameters: [PostgresParameter] {
        [
            .texts(requestIDs), .ints(hashes), .texts(names), .ints(ages), .texts(emails), .texts(customers),
            .texts(destinations), .bools(pets), .bools(promotions), .texts(flights), .ints(expiries), .texts(problems),
        ]
    }
}
