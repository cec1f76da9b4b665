import Contract
import Testing

/// Queries and their answers (contract, "Queries").
@Suite struct QueryTests {
    @Test func queriesAreRead() throws {
        #expect(try BookingQuery.read(body(#"{"request_id":"r-1"}"#)) == BookingQuery(requestID: "r-1"))
        #expect(try DestinationQuery.read(body(#"{"destination":"Cali"}"#)) == DestinationQuery(destination: "Cali"))
        #expect(try FlightQuery.read(body(#"{"flight_id":"x"}"#)) == FlightQuery(flightID: "x"))
        #expect(try CustomerQuery.read(body(#"{"email":" A@b "}"#)).customerKey == "a@b")
    }

    @Test(arguments: [#"{}"#, #"{"request_id":null,"destination":null,"flight_id":null,"email":null}"#])
    func nothingToAskFor(_ text: String) {
        let text = body(text)
        #expect(problems { () throws(CommandError) in try BookingQuery.read(text) } == ["request_id"])
        #expect(problems { () throws(CommandError) in try DestinationQuery.read(text) } == ["destination"])
        #expect(problems { () throws(CommandError) in try FlightQuery.read(text) } == ["flight_id"])
        #expect(problems { () throws(CommandError) in try CustomerQuery.read(text) } == ["email"])
        #expect(problems { () throws(CommandError) in try QuoteRequest.read(text) } == ["destination"])
    }

    @Test(
        arguments: [
            ("{}", nil), (#"{"destination":"Cali"}"#, nil), (#"{"from":"2026-11-01","to":"2026-11-01"}"#, nil),
            (#"{"from":"2026-11-01","to":"2026-12-01","destination":"x"}"#, nil), (#"{"from":null,"to":null}"#, nil),
            (#"{"from":"2026-11-02","to":"2026-11-01"}"#, ["to"]), (#"{"from":"2026-11-02"}"#, ["to"]),
            (#"{"to":"2026-11-02"}"#, ["from"]), (#"{"from":"2026-11-31","to":"x"}"#, ["from", "to"]),
            (#"{"destination":""}"#, ["destination"]), (#"{"from":20261101,"to":"2026-11-01"}"#, ["from"]), ("[]", []),
        ] as [(String, [String]?)])
    func reportQueries(_ text: String, _ fields: [String]?) {
        #expect(problems { () throws(CommandError) in try ReportQuery.read(body(text)) } == fields)
    }

    @Test func filteredReportQueries() throws {
        #expect(try ReportQuery.read(body("{}")).isUnfiltered)
        #expect(try !ReportQuery.read(body(#"{"destination":"x"}"#)).isUnfiltered)
        let days = #"{"from":"2026-11-01","to":"2026-12-01"}"#
        #expect(try !ReportQuery.read(body(days)).isUnfiltered)
        #expect(json(try ReportQuery.read(body(days))) == days)
    }

    @Test func quotesNeedNoPassenger() throws {
        #expect(try QuoteRequest.read(body(#"{"destination":"Cali"}"#)) == QuoteRequest(destination: "Cali"))
        #expect(try QuoteRequest.read(requestBody(["has_pet": "true"])).hasPet)
        #expect(
            try QuoteRequest.read(requestBody(["request_id": "7", "passenger_name": "null"])).hasPromotion == false)
        let wrong = requestBody([
            "passenger_age": "131", "email": #""x""#, "has_pet": "1", "flight_id": "1", "expires_at": "1",
        ])
        #expect(
            problems { () throws(CommandError) in try QuoteRequest.read(wrong) }
                == ["passenger_age", "email", "has_pet", "flight_id", "expires_at"])
    }

    @Test func answersAreWritten() {
        let price = Price.of(baseFare: 32_000_000, tax: 2_560_000, petTax: 5_000_000, hasPet: true, hasPromotion: true)
        #expect(
            json(Quote(destination: "San Andrés", price: price))
                == #"{"destination":"San Andrés","base_fare":32000000,"discount":3200000,"tax":2560000,"#
                + #""pet_tax":5000000,"total_price":36360000,"currency":"COP"}"#)
        #expect(
            json(DestinationList(destinations: [Destination(destination: "Cali", baseFare: 3, tax: 2, petTax: 1)]))
                == #"{"destinations":[{"destination":"Cali","base_fare":3,"tax":2,"pet_tax":1,"currency":"COP"}]}"#)
        #expect(
            json(
                Flight(
                    flightID: "x", destination: "Cali", departsAt: Timestamp(milliseconds: 0), seats: 2, seatsTaken: 1))
                == #"{"flight_id":"x","destination":"Cali","departs_at":"1970-01-01T00:00:00.000Z","seats":2,"seats_taken":1}"#
        )
        #expect(
            json(CustomerAnswer(email: "a@b", loyaltyPoints: 539, bookings: 1))
                == #"{"email":"a@b","loyalty_points":539,"bookings":1}"#)
    }

    @Test func theContractsReport() throws {
        var report = Report()
        report.customers = 0
        report.destinations = [Report.Line(destination: "San Andrés")]
        let text =
            #"{"bookings_confirmed":0,"bookings_rejected":0,"bookings_cancelled":0,"total_collected":0,"tax_collected":0,"#
            + #""discounts":0,"pets":0,"infants":0,"promotions":0,"candies":{"count":0,"cost":0},"loyalty_points":0,"#
            + #""customers":0,"preferred_destination":null,"#
            + #""destinations":[{"destination":"San Andrés","bookings":0,"collected":0,"tax":0}],"currency":"COP"}"#
        #expect(json(report) == text)
        #expect(try JSON.decode(Report.self, from: body(text)) == report)
        report.preferredDestination = "San Andrés"
        report.rebuilding = true
        #expect(json(report).contains(#""customers":0,"preferred_destination":"San Andrés","destinations""#))
        #expect(json(report).hasSuffix(#""currency":"COP","rebuilding":true}"#))
        report.customers = nil
        #expect(!json(report).contains("customers") && !json(report).contains("preferred_destination"))
    }

    @Test func destinationsAreSortedByBookingsThenName() {
        var report = Report()
        report.destinations = [("b", 1), ("é", 2), ("z", 2), ("a", 1), ("c", 9)].map {
            Report.Line(destination: $0.0, bookings: $0.1)
        }
        report.sortDestinations()
        #expect(report.destinations.map(\.destination) == ["c", "z", "é", "a", "b"])
    }

    @Test func answersAreToldFromFailures() throws {
        let customer = CustomerAnswer(email: "a@b", loyaltyPoints: 1, bookings: 1)
        guard case .answered(let read) = try JSON.decode(Answer<CustomerAnswer>.self, from: JSON.encode(customer))
        else {
            Issue.record("no answer")
            return
        }
        #expect(read == customer)
        let failure = CommandReply.failed(.notFound, "no such customer")
        guard case .failed(let reply) = try JSON.decode(Answer<CustomerAnswer>.self, from: JSON.encode(failure)) else {
            Issue.record("no failure")
            return
        }
        #expect(reply == failure)
    }
}
