import Contract
import Model

/// Compares every event seen with what the oracle says must have been announced.
struct Audit {
    let oracle: Oracle
    let seen: Sightings
    private(set) var faults: [String]

    /// - Parameter twins: the ids of which more than one request was sent. Nothing is redelivered while nothing fails, so
    ///   what is announced again is announced by a twin; cancellations are, where several were tried again.
    init(_ oracle: Oracle, _ seen: Sightings, twins: Set<String>) {
        self.oracle = oracle
        self.seen = seen
        faults = seen.faults
        for (id, booking) in oracle.bookings { check(id, booking) }
        for id in seen.byRequest.keys where oracle.bookings[id] == nil { faults.append("\(id): events of no request") }
        for (id, names) in seen.byRequest where twins.contains(id) {
            let again = names.filter { $0.key != "booking.cancelled" && seen.events[$0.value]?.copies != 1 }
            if !again.isEmpty { faults.append("\(id): a twin announced \(again.keys.sorted())") }
        }
        let numbers = oracle.bookings.keys.compactMap { id in
            (seen.event("booking.confirmed", of: id) ?? seen.event("booking.rejected", of: id))?
                .object["booking_number"]?.integer
        }
        if Set(numbers).count != oracle.bookings.count { faults.append("booking numbers are missing or not unique") }
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
        for (name, isExpected) in expected where (seen.event(name, of: id) != nil) != isExpected {
            faults.append("\(id): \(isExpected ? "no" : "a") \(name), being \(booking.outcome)")
        }
        let others = Set((seen.byRequest[id] ?? [:]).keys).subtracting(expected.keys)
        if !others.isEmpty { faults.append("\(id): \(others)") }
        guard let amounts = booking.settled.amounts else { return }
        equal("booking.accepted", id, ["base_fare": amounts.base, "tax": amounts.tax, "pet_tax": amounts.petTax])
        equal("booking.priced", id, ["discount": amounts.discount, "total_price": amounts.total])
        equal("loyalty.awarded", id, ["points": points])
        if let candies { equal("candy.accounted", id, ["count": candies.count, "cost": candies.cost]) }
        let address = seen.event("customer.registered", of: id)?.object["email"]?.string?.lowercased()
        if let address, oracle.firstBookings[address] != id { faults.append("\(id): registers \(address)") }
    }

    private mutating func equal(_ name: String, _ id: String, _ figures: [String: Int]) {
        guard let event = seen.event(name, of: id) else { return }
        for (field, figure) in figures where event.object[field]?.integer != Int64(figure) {
            faults.append("\(id): \(name) without \(field) \(figure): \(String(decoding: event.body, as: UTF8.self))")
        }
    }
}
