import AMQP
import Contract
import Foundation
import Support
import Testing

/// Every message of one booking twice, in every order there is: the end is the same.
@Suite("Out-of-order and repeated events", .enabled(if: TestEnvironment.hasServers, "\(TestEnvironment.hint)"))
struct OrderTests {
    /// All orders of these, each of them twice: 90 for three.
    private static func orders<Item: Equatable>(_ items: [Item]) -> [[Item]] {
        func extend(_ rest: [(item: Item, left: Int)]) -> [[Item]] {
            if rest.allSatisfy({ $0.left == 0 }) { return [[]] }
            return rest.indices.filter { rest[$0].left > 0 }.flatMap { index in
                var next = rest
                next[index].left -= 1
                return extend(next).map { [rest[index].item] + $0 }
            }
        }
        return extend(items.map { ($0, 2) })
    }

    private func confirmed(_ number: Int, age: Int = 5) -> BookingOutcome {
        let settledAt = Timestamp(milliseconds: 1_790_000_000_000 + Int64(number))
        var outcome = BookingOutcome(
            status: .confirmed, requestID: "order-\(number)", bookingNumber: number, occurredAt: settledAt)
        outcome.passengerName = "Ana"
        outcome.passengerAge = age
        outcome.email = "ana\(number)@example.com"
        outcome.destination = "Cali"
        (outcome.hasPet, outcome.hasPromotion) = (true, false)
        outcome.setPrice(Price.of(baseFare: 2_000_000, tax: 30, petTax: 4, hasPet: true, hasPromotion: false))
        (outcome.loyaltyPoints, outcome.firstBooking) = (502, true)
        return outcome
    }

    private func candies(_ outcome: BookingOutcome) -> CandyAccounted {
        CandyAccounted(
            requestID: outcome.requestID, bookingNumber: outcome.bookingNumber, destination: "Cali", count: 3,
            cost: 150_000, confirmedAt: outcome.occurredAt)
    }

    private enum Kind { case confirmed, cancelled, candies, replayed }

    @Test("stats: confirmation, cancellation, candies and replay")
    func stats() async throws {
        try await TestSystem.with(["stats", "notifier", "candy-accounting", "dead-letter"]) { system in
            // Of booking-intake nothing is needed but the generation for which parts are replayed.
            try await eventually("a generation") {
                try await Int(system.redis("HGET", "stats:control", "generation")) != nil
            }
            let generation = try #require(Int(try await system.redis("HGET", "stats:control", "generation")))
            var raw = try RawChannel(system.amqpURL)
            let kept = Self.orders([Kind.confirmed, .candies, .replayed])
            let cancelled = Self.orders([Kind.confirmed, .candies, .cancelled])
            for (index, order) in (kept + cancelled).enumerated() {
                // One booking a part, so that each is replayed by itself.
                let outcome = confirmed((index + 1) * FiguresReplay.partSize)
                for kind in order {
                    switch kind {
                    case .confirmed:
                        try raw.publish(JSON.encode(outcome), to: "booking_notifications", key: outcome.event)
                    case .cancelled:
                        let event = outcome.cancelled(at: outcome.occurredAt.advanced(bySeconds: 60))
                        try raw.publish(JSON.encode(event), to: "booking_notifications", key: event.event)
                    case .candies:
                        try raw.publish(JSON.encode(candies(outcome)), key: RoutingKey.candyAccounted)
                    case .replayed:
                        let part = BookingsReplayed(generation: generation, part: index + 1, outcomes: [outcome])
                        try raw.publish(JSON.encode(part), key: RoutingKey.bookingReplayed)
                    }
                }
            }
            let all = kept.count + cancelled.count
            try await eventually("all is counted") {
                let report = try await system.report()
                return report.customers == all && report.bookingsCancelled == cancelled.count
                    && report.candies.count == 3 * kept.count
            }
            try await Task.sleep(for: .seconds(1))
            let report = try await system.report()
            let price = confirmed(1).totalPrice ?? 0
            #expect((report.bookingsConfirmed, report.bookingsCancelled) == (kept.count, cancelled.count))
            #expect((report.totalCollected, report.taxCollected) == (kept.count * price, kept.count * 34))
            #expect((report.candies.count, report.candies.cost) == (kept.count * 3, kept.count * 150_000))
            #expect((report.pets, report.infants, report.customers) == (kept.count, kept.count, all))
            #expect(report.loyaltyPoints == all * 500 + kept.count * 2)
            #expect(try await system.deadLetters().isEmpty)
        }
    }

    @Test("candy-accounting and notifier: the same bytes each time, and each thing told")
    func stateless() async throws {
        try await TestSystem.with(["candy-accounting", "notifier", "dead-letter"]) { system in
            var raw = try RawChannel(system.amqpURL)
            try raw.listen("candies", to: "bookings", key: RoutingKey.candyAccounted)
            let orders = Self.orders([BookingOutcome.Status.confirmed, .cancelled])
            for (index, order) in orders.enumerated() {
                let outcome = confirmed(index + 1)
                for status in order {
                    let event =
                        status == .confirmed
                        ? outcome : outcome.cancelled(at: outcome.occurredAt.advanced(bySeconds: 1))
                    let age = RoutingKey.confirmed(age: outcome.passengerAge ?? 0)
                    let isConfirmation = status == .confirmed
                    try raw.publish(
                        JSON.encode(event), to: "booking_notifications", key: event.event,
                        headers: isConfirmation ? ["BCC": .array([.text(age)])] : [:])
                }
            }
            let messages = try raw.take(2 * orders.count)
            #expect(messages.count == 2 * orders.count)
            let expected = Set(orders.indices.map { JSON.encode(candies(confirmed($0 + 1))) })
            #expect(Set(messages.map(\.message.body)) == expected)
            let notifier = try #require(system.replicas(of: "notifier").first)
            try await eventually("each is announced") {
                orders.indices.allSatisfy { index in
                    ["confirmed", "cancelled"].allSatisfy { notifier.logged.contains("order-\(index + 1).\($0)") }
                }
            }
            #expect(try await system.deadLetters().isEmpty)
        }
    }

    private enum Step { case request, price, cancel }

    private func price(of request: SampleRequest, _ number: Int) -> [UInt8] {
        let accepted = BookingAccepted(
            requestID: request.id, bookingNumber: number, occurredAt: .now, destination: request.destination,
            hasPet: false, hasPromotion: false, baseFare: 32_000_000, tax: 2_560_000, petTax: 0)
        return JSON.encode(BookingPriced(accepted, price: accepted.price))
    }

    @Test("booking-intake: request, price and cancellation, the price before its request included")
    func intake() async throws {
        try await TestSystem.with(["booking-intake", "dead-letter"]) { system in
            // What is announced waits there until the end.
            do {
                var probe = try RawChannel(system.amqpURL)
                try probe.listen("outcomes", to: "booking_notifications")
            }
            let kept = Self.orders([Step.request, .price])
            let orders = kept + Self.orders([Step.request, .price, .cancel])
            for (index, order) in orders.enumerated() {
                // Numbers are given in the order of acceptance; so the price can be known before its request is.
                let number = try await system.stored(
                    "SELECT setval('bookings_number_seq', \(index * 10 + 10), false)")
                var request = SampleRequest()
                request.id = "order-\(index)"
                request.email = "p\(index)@example.com"
                var raw = try RawChannel(system.amqpURL)
                try raw.listen("answers")
                for (position, step) in order.enumerated() {
                    switch step {
                    case .request:
                        let id = "\(index).\(position)"
                        try raw.publish(request.body, key: "booking.request", replyTo: "answers", correlationID: id)
                    case .price: try raw.publish(price(of: request, number), key: "booking.priced")
                    case .cancel:
                        try raw.publish(Array(#"{"request_id": "\#(request.id)"}"#.utf8), key: "booking.cancel")
                    }
                }
                // Two workers may have begun with a twin each, and the one with the higher number was first.
                var stored = 0
                try await eventually("it is stored") {
                    stored = try await system.stored(
                        "SELECT coalesce(max(number), 0) FROM bookings WHERE request_id = '\(request.id)'")
                    return stored > 0
                }
                if stored != number {
                    for _ in 1...2 { try raw.publish(price(of: request, stored), key: "booking.priced") }
                }
                // Both requests have been handled when both are told what became of it: none takes a number later.
                var told: Set<String> = []
                while told.count < 2 {
                    let answer = try #require(try raw.take(1).first?.message)
                    let isPending = String(decoding: answer.body, as: UTF8.self).contains("pending")
                    if !isPending, let id = answer.correlationID, id.hasPrefix("\(index).") { told.insert(id) }
                }
            }
            func count(_ condition: String) async throws -> Int {
                try await system.stored("SELECT count(*) FROM bookings WHERE \(condition)")
            }
            try await eventually("all have their end", within: 60) {
                let cancelled = try await count("status = 'cancelled'")
                let confirmed = try await count("status = 'confirmed'")
                return cancelled == orders.count - kept.count && confirmed == kept.count
            }
            #expect(try await count("true") == orders.count)
            let points = "SELECT sum(points)::bigint FROM customers"
            #expect(try await system.stored(points) == orders.count * 500 + kept.count * 34)
            #expect(try await system.stored("SELECT sum(bookings)::bigint FROM customers") == kept.count)
            var bytes: [String: Set<[UInt8]>] = [:]
            var probe = try RawChannel(system.amqpURL)
            try probe.listen("outcomes")
            for delivery in try probe.take(.max, within: 10) {
                bytes[delivery.message.messageID ?? "", default: []].insert(delivery.message.body)
            }
            #expect(bytes.count == orders.count + orders.count - kept.count)
            #expect(bytes.values.allSatisfy { $0.count == 1 })
        }
    }
}
