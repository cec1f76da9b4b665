import Contract
import Model

/// Compares every event seen with what the oracle says must have been announced.
public struct Audit {
    private let oracle: Oracle
    private let seen: Sightings
    private let sources: Set<String>
    private let unannounced: Set<String>
    /// What is wrong.
    public private(set) var faults: [Difference]

    /// The events of a booking that a probe may listen to, by name.
    public static let allEvents: Set = [
        "booking.confirmed", "booking.rejected", "booking.cancelled", "booking.accepted", "booking.priced",
        "candy.accounted", "loyalty.awarded", "customer.registered",
    ]

    /// Compares them.
    /// - Parameters:
    ///   - oracle: what must have been announced.
    ///   - seen: what was.
    ///   - events: the names of those that the probe listened to.
    ///   - twins: the ids of which more than one request was sent, where nothing failed: then nothing is redelivered,
    ///     and what is announced again is announced by a twin (cancellations are, where several were tried again).
    ///   - unannounced: the names of events that may be missing, because a queue was deleted with what they follow from.
    public init(
        _ oracle: Oracle, _ seen: Sightings, events: Set<String> = allEvents, twins: Set<String> = [],
        unannounced: Set<String> = []
    ) {
        self.oracle = oracle
        self.seen = seen
        sources = events
        self.unannounced = unannounced
        faults = seen.faults
        for (id, booking) in oracle.bookings { check(id, booking) }
        for id in seen.byRequest.keys where oracle.bookings[id] == nil {
            faults.append(Difference(id, "events of no request"))
        }
        for id in twins {
            let again = (seen.byRequest[id] ?? [:]).filter {
                $0.key != "booking.cancelled" && seen.events[$0.value]?.copies != 1
            }
            if !again.isEmpty { faults.append(Difference(id, "a twin announced \(again.keys.sorted())", .duplicated)) }
        }
        checkNumbers()
    }

    /// No two requests have the same booking number.
    private mutating func checkNumbers() {
        var owners: [Int64: String] = [:]
        for id in oracle.bookings.keys {
            guard let event = seen.event("booking.confirmed", of: id) ?? seen.event("booking.rejected", of: id) else {
                continue
            }
            guard let number = event.integer("booking_number") else {
                faults.append(Difference(id, "has no booking number"))
                continue
            }
            if let other = owners.updateValue(id, forKey: number) {
                faults.append(Difference(id, "has the booking number of \(other)"))
            }
        }
    }

    private mutating func check(_ id: String, _ booking: Oracle.Booking) {
        let wasConfirmed = booking.settled.status == .confirmed
        let candies = oracle.candies(of: booking)
        let points = booking.settled.points ?? 0
        let isFirst = booking.settled.isFirst == true
        let expected: [String: Bool] = [
            "booking.confirmed": wasConfirmed, "booking.rejected": !wasConfirmed,
            "booking.cancelled": booking.isCancelled, "booking.accepted": wasConfirmed, "booking.priced": wasConfirmed,
            "candy.accounted": candies != nil, "loyalty.awarded": points > 0, "customer.registered": isFirst,
        ]
        for (name, isExpected) in expected where sources.contains(name) {
            guard (seen.event(name, of: id) != nil) != isExpected else { continue }
            if isExpected, unannounced.contains(name) { continue }
            let problem = "\(isExpected ? "no" : "a") \(name), being \(booking.outcome)"
            faults.append(Difference(id, problem, isExpected ? .lost : .unexpected))
        }
        let others = Set((seen.byRequest[id] ?? [:]).keys).subtracting(expected.keys)
        if !others.isEmpty { faults.append(Difference(id, "\(others)")) }
        let trace = seen.traces[id] ?? Trace()
        if let settled = trace.settled, settled != booking.settled {
            faults.append(Difference(id, "was announced as \(settled), being \(booking.settled)"))
        }
        if let cancelled = trace.cancelled, cancelled != booking.settled.cancelled {
            faults.append(Difference(id, "was cancelled as \(cancelled), being \(booking.settled)"))
        }
        guard let amounts = booking.settled.amounts else { return }
        equal("booking.accepted", id, ["base_fare": amounts.base, "tax": amounts.tax, "pet_tax": amounts.petTax])
        equal("booking.priced", id, ["discount": amounts.discount, "total_price": amounts.total])
        equal("loyalty.awarded", id, ["points": points])
        if let candies { equal("candy.accounted", id, ["count": candies.count, "cost": candies.cost]) }
        let address = seen.event("customer.registered", of: id)?.string("email")?.lowercased()
        if let address, oracle.firstBookings[address] != id {
            faults.append(Difference(id, "registers \(address)"))
        }
    }

    private mutating func equal(_ name: String, _ id: String, _ figures: [String: Int]) {
        guard let event = seen.event(name, of: id) else { return }
        for (field, figure) in figures where event.integer(field) != Int64(figure) {
            let body = String(decoding: event.body, as: UTF8.self)
            faults.append(Difference(id, "\(name) without \(field) \(figure): \(body)"))
        }
    }
}
