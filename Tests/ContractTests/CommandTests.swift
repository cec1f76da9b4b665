import Contract
import Testing

/// The other commands and their replies (contract, "Commands").
@Suite struct CommandTests {
    private static let destination =
        #"{"destination":"Leticia","base_fare":41000000,"tax":3280000,"pet_tax":6000000,"revision":7}"#

    @Test func destinationSet() throws {
        let expected = DestinationSet(
            destination: "Leticia", baseFare: 41_000_000, tax: 3_280_000, petTax: 6_000_000, revision: 7)
        #expect(try DestinationSet.read(body(Self.destination)) == expected)
        #expect(json(expected) == Self.destination)
        let least = try DestinationSet.read(
            body(#"{"destination":"e\u0301","base_fare":0,"tax":1e15,"pet_tax":0.0,"revision":null}"#))
        #expect(least == DestinationSet(destination: "é", baseFare: 0, tax: 1_000_000_000_000_000, petTax: 0))
        #expect(least.destination.unicodeScalars.count == 1)
    }

    @Test(arguments: [
        (#"{}"#, ["destination", "base_fare", "tax", "pet_tax"]),
        (#"{"destination":"x","base_fare":-1,"tax":1000000000000001,"pet_tax":"1"}"#, ["base_fare", "tax", "pet_tax"]),
        (#"{"destination":"","base_fare":1,"tax":1.5,"pet_tax":true}"#, ["destination", "tax", "pet_tax"]),
        (#"{"destination":"x","base_fare":1,"tax":1,"pet_tax":1,"revision":-1}"#, ["revision"]),
        (#"{"destination":"x","base_fare":1,"tax":1,"pet_tax":1,"revision":"7"}"#, ["revision"]),
        (#"{"destination":"x","base_fare":1,"tax":1,"pet_tax":1,"revision":9223372036854775808}"#, ["revision"]),
        ("[]", []), ("", []),
    ])
    func wrongDestinationSet(_ text: String, _ fields: [String]) {
        #expect(problems { () throws(CommandError) in try DestinationSet.read(body(text)) } == fields)
    }

    @Test func flightSchedule() throws {
        let text =
            #"{"flight_id":"AV9301","destination":"Cali","departs_at":"2026-12-01T08:00:00.000Z","seats":180,"revision":0}"#
        let flight = try FlightSchedule.read(body(text))
        #expect(flight.departsAt == Timestamp("2026-12-01T03:00:00-05:00"))
        #expect(flight.seats == 180 && flight.revision == 0 && flight.flightID == "AV9301")
        #expect(json(flight) == text)
        let large = text.replacing("180", with: "1000000").replacing(
            #""revision":0"#, with: #""revision":9223372036854775807"#)
        #expect(try FlightSchedule.read(body(large)).revision == .max)
    }

    @Test(arguments: [
        (#"{}"#, ["flight_id", "destination", "departs_at", "seats"]),
        (
            #"{"flight_id":"","destination":1,"departs_at":"soon","seats":-1}"#,
            ["flight_id", "destination", "departs_at", "seats"]
        ),
        (#"{"flight_id":"x","destination":"x","departs_at":"2026-12-01T08:00:00Z","seats":1000001}"#, ["seats"]),
        (
            #"{"flight_id":"x","destination":"x","departs_at":"2026-12-01T08:00:00Z","seats":1.5,"revision":[]}"#,
            ["seats", "revision"]
        ),
        ("null", []),
    ])
    func wrongFlightSchedule(_ text: String, _ fields: [String]) {
        #expect(problems { () throws(CommandError) in try FlightSchedule.read(body(text)) } == fields)
    }

    @Test func bookingCancel() throws {
        #expect(try BookingCancel.read(body(#"{"request_id":"r-1","x":1}"#)).requestID == "r-1")
        #expect(json(BookingCancel(requestID: "r-1")) == #"{"request_id":"r-1"}"#)
    }

    @Test func replies() throws {
        #expect(json(CommandReply.done) == #"{"ok":true}"#)
        #expect(json(CommandReply.superseded) == #"{"ok":true,"superseded":true}"#)
        #expect(json(CommandReply.failed(.notFound)) == #"{"ok":false,"code":"not_found"}"#)
        #expect(json(CommandReply.failed(.requestIDReused)) == #"{"ok":false,"code":"request_id_reused"}"#)
        let invalid = CommandReply.invalid([Problem(field: "tax", problem: "is missing")])
        #expect(
            json(invalid)
                == #"{"ok":false,"code":"invalid_request","detail":"tax is missing","problems":[{"field":"tax","problem":"is missing"}]}"#
        )
        for reply in [.done, .superseded, .failed(.seatsBelowTaken, "12 are taken"), invalid] as [CommandReply] {
            #expect(try JSON.decode(CommandReply.self, from: JSON.encode(reply)) == reply)
        }
        #expect(
            Set(CommandReply.Code.allCases.map(\.rawValue))
                == [
                    "invalid_request", "not_found", "not_confirmed", "unknown_destination", "seats_below_taken",
                    "wrong_state",
                    "request_id_reused",
                ])
    }
}
