import Contract
import Testing

/// The events, to the byte (contract, "Events").
@Suite struct EventTests {
    private let time = Timestamp(milliseconds: 1_795_255_200_123)

    private var confirmed: BookingOutcome {
        var outcome = BookingOutcome(status: .confirmed, requestID: "3f0c1c5e", bookingNumber: 1042, occurredAt: time)
        outcome.passengerName = "Juan Pérez"
        outcome.passengerAge = 9
        outcome.email = "juan@example.com"
        outcome.destination = "San Andrés"
        outcome.hasPet = true
        outcome.hasPromotion = false
        outcome.setPrice(
            Price.of(baseFare: 32_000_000, tax: 2_560_000, petTax: 5_000_000, hasPet: true, hasPromotion: false))
        outcome.loyaltyPoints = 539
        outcome.firstBooking = true
        return outcome
    }

    private let passenger =
        #""passenger_name":"Juan Pérez","passenger_age":9,"email":"juan@example.com","destination":"San Andrés","has_pet":true,"#
        + #""has_promotion":false,"base_fare":32000000,"discount":0,"tax":2560000,"pet_tax":5000000,"total_price":39560000,"#
        + #""currency":"COP","loyalty_points":539,"first_booking":true"#

    @Test func theContractsConfirmation() throws {
        let text =
            #"{"event":"booking.confirmed","event_id":"3f0c1c5e.confirmed","occurred_at":"2026-11-21T10:00:00.123Z","#
            + #""booking_number":1042,"request_id":"3f0c1c5e","status":"confirmed",\#(passenger)}"#
        #expect(json(confirmed) == text)
        #expect(try JSON.decode(BookingOutcome.self, from: body(text)) == confirmed)
    }

    @Test func aCancellationHasEveryFieldOfTheConfirmation() throws {
        let later = Timestamp(milliseconds: 1_795_255_201_000)
        let cancelled = confirmed.cancelled(at: later)
        #expect(
            json(cancelled)
                == #"{"event":"booking.cancelled","event_id":"3f0c1c5e.cancelled","occurred_at":"2026-11-21T10:00:01.000Z","#
                + #""booking_number":1042,"request_id":"3f0c1c5e","status":"cancelled",\#(passenger),"#
                + #""confirmed_at":"2026-11-21T10:00:00.123Z"}"#)
        #expect(try JSON.decode(BookingOutcome.self, from: JSON.encode(cancelled)) == cancelled)
    }

    @Test func rejections() throws {
        let rejected = BookingOutcome.rejected(try validRequest(), reason: .flightFull, bookingNumber: 7, at: time)
        #expect(
            json(rejected)
                == #"{"event":"booking.rejected","event_id":"r-1.rejected","occurred_at":"2026-11-21T10:00:00.123Z","#
                + #""booking_number":7,"request_id":"r-1","status":"rejected","reason":"flight_full","#
                + #""passenger_name":"Juan Pérez","passenger_age":9,"email":"juan@example.com","destination":"San Andrés","#
                + #""has_pet":false,"has_promotion":false}"#)
        let request = try invalidRequest(["passenger_age": "131", "has_pet": "1"])
        let invalid = BookingOutcome.rejected(request, bookingNumber: 8, at: time)
        #expect(
            json(invalid)
                == #"{"event":"booking.rejected","event_id":"r-1.rejected","occurred_at":"2026-11-21T10:00:00.123Z","#
                + #""booking_number":8,"request_id":"r-1","status":"rejected","reason":"invalid_request","#
                + #""problems":[{"field":"passenger_age","problem":"must be an integer from 0 to 130"},"#
                + #"{"field":"has_pet","problem":"must be true or false"}],"passenger_name":"Juan Pérez","#
                + #""email":"juan@example.com","destination":"San Andrés","has_promotion":false}"#)
        #expect(try JSON.decode(BookingOutcome.self, from: JSON.encode(invalid)) == invalid)
        #expect(
            BookingOutcome.Reason.allCases.map(\.rawValue)
                == [
                    "invalid_request", "expired", "unknown_destination", "unknown_flight", "wrong_destination",
                    "flight_departed", "flight_full",
                ])
    }

    @Test func statuses() throws {
        let pending = BookingStatus.pending(requestID: "r-1", bookingNumber: 7)
        #expect(json(pending) == #"{"request_id":"r-1","booking_number":7,"status":"pending"}"#)
        #expect(json(BookingStatus.decided(confirmed)) == json(confirmed))
        for status in [pending, .decided(confirmed)] {
            #expect(try JSON.decode(BookingStatus.self, from: JSON.encode(status)) == status)
        }
        #expect(throws: Unreadable.self) { try JSON.decode(BookingStatus.self, from: body(#"{"status":"lost"}"#)) }
    }

    @Test func theWayToTheOutcome() throws {
        let accepted = BookingAccepted(
            requestID: "r-1", bookingNumber: 7, occurredAt: time, destination: "Cali", hasPet: false,
            hasPromotion: true,
            baseFare: 15, tax: 2, petTax: 1)
        #expect(
            json(accepted)
                == #"{"event":"booking.accepted","event_id":"r-1.accepted","occurred_at":"2026-11-21T10:00:00.123Z","#
                + #""booking_number":7,"request_id":"r-1","destination":"Cali","has_pet":false,"has_promotion":true,"#
                + #""base_fare":15,"tax":2,"pet_tax":0,"currency":"COP"}"#)
        #expect(try JSON.decode(BookingAccepted.self, from: JSON.encode(accepted)) == accepted)
        let priced = BookingPriced(accepted, price: accepted.price)
        #expect(
            json(priced)
                == #"{"event":"booking.priced","event_id":"r-1.priced","occurred_at":"2026-11-21T10:00:00.123Z","#
                + #""booking_number":7,"request_id":"r-1","base_fare":15,"discount":2,"tax":2,"pet_tax":0,"#
                + #""total_price":15,"currency":"COP"}"#)
        #expect(try JSON.decode(BookingPriced.self, from: JSON.encode(priced)) == priced)
    }

    @Test func whatFollowsAConfirmation() throws {
        let candy = CandyAccounted(
            requestID: "r-1", bookingNumber: 7, destination: "Cali", count: 3, cost: 150_000, confirmedAt: time)
        #expect(
            json(candy)
                == #"{"event":"candy.accounted","event_id":"r-1.candy","occurred_at":"2026-11-21T10:00:00.123Z","#
                + #""booking_number":7,"request_id":"r-1","destination":"Cali","count":3,"cost":150000,"#
                + #""confirmed_at":"2026-11-21T10:00:00.123Z","currency":"COP"}"#)
        let loyalty = LoyaltyAwarded(requestID: "r-1", bookingNumber: 7, occurredAt: time, email: "a@b", points: 539)
        #expect(
            json(loyalty)
                == #"{"event":"loyalty.awarded","event_id":"r-1.loyalty","occurred_at":"2026-11-21T10:00:00.123Z","#
                + #""booking_number":7,"request_id":"r-1","email":"a@b","points":539}"#)
        let customer = CustomerRegistered(
            requestID: "r-1", bookingNumber: 7, occurredAt: time, email: "a@b", passengerName: "Ana")
        #expect(
            json(customer)
                == #"{"event":"customer.registered","event_id":"r-1.customer","occurred_at":"2026-11-21T10:00:00.123Z","#
                + #""email":"a@b","passenger_name":"Ana","request_id":"r-1","booking_number":7}"#)
        #expect(try JSON.decode(CandyAccounted.self, from: JSON.encode(candy)) == candy)
        #expect(try JSON.decode(LoyaltyAwarded.self, from: JSON.encode(loyalty)) == loyalty)
        #expect(try JSON.decode(CustomerRegistered.self, from: JSON.encode(customer)) == customer)
    }

    /// Reckoning with what was read can't overflow, whoever published it.
    @Test(arguments: [-1, 1_000_000_000_000_001, Int.max, Int.min])
    func impossibleFiguresAreUnreadable(_ amount: Int) {
        let accepted = json(
            BookingAccepted(
                requestID: "r-1", bookingNumber: 7, occurredAt: time, destination: "Cali", hasPet: true,
                hasPromotion: true, baseFare: amount, tax: 2, petTax: 1))
        #expect(throws: Unreadable.self) { try JSON.decode(BookingAccepted.self, from: body(accepted)) }
        var outcome = confirmed
        outcome.discount = amount
        let bytes = JSON.encode(outcome)
        #expect(throws: Unreadable.self) { try JSON.decode(BookingOutcome.self, from: bytes) }
    }

    @Test func idsAndNames() {
        let ids = EventID.Kind.allCases.map { EventID.of("r", $0) }
        #expect(
            ids == [
                "r.accepted", "r.priced", "r.confirmed", "r.rejected", "r.cancelled", "r.candy", "r.loyalty",
                "r.customer",
            ])
        #expect(Exchange.bookings == "bookings" && Exchange.bookingNotifications == "booking_notifications")
        #expect(Exchange.customerEvents == "customer_events" && Exchange.deadLetters == "dead-letters")
        #expect(RoutingKey.bookingRequest == "booking.request" && RoutingKey.queryReport == "query.report")
    }
}
