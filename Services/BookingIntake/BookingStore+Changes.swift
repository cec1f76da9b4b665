import Contract
import Postgres

extension BookingStore {
    /// Registers or changes a destination, unless a change that is as new or newer is stored.
    func set(_ command: DestinationSet) async throws -> CommandReply {
        let changed = try await query(
            """
            INSERT INTO destinations AS d (destination, base_fare, tax, pet_tax, revision)
            VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (destination) DO UPDATE SET
                base_fare = excluded.base_fare, tax = excluded.tax, pet_tax = excluded.pet_tax,
                revision = coalesce(excluded.revision, d.revision)
            WHERE excluded.revision IS NULL OR d.revision IS NULL OR excluded.revision > d.revision
            """,
            [
                .text(command.destination), .int(Int64(command.baseFare)), .int(Int64(command.tax)),
                .int(Int64(command.petTax)), .int(command.revision.map { Int64($0) }),
            ])
        return changed.affected == 0 ? .superseded : .done
    }

    /// Registers or changes a flight, unless a change that is as new or newer is stored, its destination is unknown,
    /// or more seats are taken than it would have.
    func schedule(_ command: FlightSchedule) async throws -> CommandReply {
        let key = PostgresParameter.text(command.flightID)
        return try await inTransaction { connection throws(PostgresError) in
            // Two replicas that register the same flight take their turn.
            _ = try connection.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 1))", [key])
            let stored = try connection.query(
                "SELECT seats_taken, revision FROM flights WHERE flight_id = $1 FOR UPDATE", [key]
            ).first
            if let revision = command.revision, let last = try stored?.optionalInt(1), revision <= last {
                return .superseded
            }
            let known = try connection.query(
                "SELECT 1 FROM destinations WHERE destination = $1", [.text(command.destination)])
            if known.isEmpty { return .failed(.unknownDestination, "'\(command.destination)' is not registered") }
            if let taken = try stored?.int(0), command.seats < taken {
                return .failed(.seatsBelowTaken, "\(taken) seats are taken")
            }
            _ = try connection.query(
                """
                INSERT INTO flights AS f (flight_id, destination, departs_at, seats, revision)
                VALUES ($1, $2, to_timestamp($3::bigint / 1000.0), $4, $5)
                ON CONFLICT (flight_id) DO UPDATE SET
                    destination = excluded.destination, departs_at = excluded.departs_at, seats = excluded.seats,
                    revision = coalesce(excluded.revision, f.revision)
                """,
                [
                    key, .text(command.destination), .int(command.departsAt.milliseconds),
                    .int(Int64(command.seats)), .int(command.revision.map { Int64($0) }),
                ])
            return .done
        }
    }
}
