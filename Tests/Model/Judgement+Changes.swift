extension Judgement {
    /// Changes of one destination.
    mutating func judge(_ all: [(DestinationChange, Issued)], of destination: String) {
        for (change, issued) in all where !change.isValid { refuse(issued, destination, change.body) }
        let changes = all.filter { $0.0.isValid }
        let stored = before.destinations[destination]
        let newer = changes.filter { Self.isNewer($0.0.revision, than: stored?.revision) }
        checkRevisions(destination, changes.map(\.0.revision))
        let latest = newer.compactMap(\.0.revision).max()
        for (change, issued) in changes {
            let isNewer = Self.isNewer(change.revision, than: stored?.revision)
            let mayBeSuperseded = !isNewer || change.revision != latest || (issued.isRepeated && change.revision != nil)
            check(
                issued, destination,
                allowed: Set((isNewer ? [.done] : []) + (mayBeSuperseded ? [.superseded] : [])))
        }
        fares[destination] = Set([stored?.fare] + newer.map(\.0.fare))
        guard let last = newer.first(where: { $0.0.revision == latest })?.0 else { return }
        after.destinations[destination] = KnownDestination(fare: last.fare, revision: latest ?? stored?.revision)
    }

    /// Changes of one flight; their effect can't be told before it is known how many seats were taken, so their
    /// answers are believed here as far as possible, and ``judgeSeats(_:_:)`` looks at them again.
    mutating func judge(_ all: [(FlightChange, Issued)], of flight: String) {
        for (change, issued) in all where !change.isValid { refuse(issued, flight, change.body) }
        let changes = all.filter { $0.0.isValid }
        let stored = before.flights[flight]
        checkRevisions(flight, changes.map(\.0.revision))
        var states: [ScheduledFlight] = []
        for (change, issued) in changes {
            let isNewer = Self.isNewer(change.revision, than: stored?.revision)
            let others = changes.compactMap(\.0.revision).filter { $0 > change.revision ?? .max }
            var allowed: Set<Reply> = []
            if !isNewer || !others.isEmpty || (issued.isRepeated && change.revision != nil) {
                allowed.insert(.superseded)
            }
            let known = faresInForce(change.destination)
            if isNewer, known != [nil] { allowed.formUnion([.done, .refused("seats_below_taken")]) }
            // Which of several reasons is told, the contract leaves open.
            if known.contains(nil) { allowed.insert(.refused("unknown_destination")) }
            check(issued, flight, allowed: allowed)
            guard isNewer, known != [nil], issued.reply.map({ $0 == .done || $0 == .superseded }) ?? true else {
                continue
            }
            if issued.reply == .superseded, !issued.isRepeated { continue }
            let departs = Clock.milliseconds(change.departs) ?? 0
            states.append(
                ScheduledFlight(
                    destination: change.destination, departs: departs, seats: change.seats,
                    revision: change.revision ?? stored?.revision))
        }
        schedules[flight] = Set([stored] + states)
        if let last = states.max(by: { $0.revision ?? -1 < $1.revision ?? -1 }) { after.flights[flight] = last }
    }

    /// One not greater than the stored changes nothing; without one, it always does.
    private static func isNewer(_ revision: Int?, than stored: Int?) -> Bool {
        guard let revision, let stored else { return true }
        return revision > stored
    }

    /// Without revisions of their own the order of changes could not be told, nor which of them lasts.
    private mutating func checkRevisions(_ subject: String, _ revisions: [Int?]) {
        if revisions.count > 1, Set(revisions.compactMap(\.self)).count < revisions.count {
            report(subject, "can't be judged: several changes at once without revisions of their own")
        }
    }

    /// Never a seat too many, and nobody turned away while there was one.
    mutating func judgeSeats(_ changes: Groups<String, FlightChange>, _ requests: some Collection<String>) {
        var booked: [String: Int] = [:]
        var full: [String: Int] = [:]
        for id in requests where before.bookings[id] == nil {
            guard let booking = after.bookings[id], let flight = booking.contents.flight else { continue }
            if booking.settled.status == .confirmed { booked[flight, default: 0] += 1 }
            if booking.settled.reason == "flight_full" { full[flight, default: 0] += 1 }
        }
        let flights = Set(booked.keys).union(full.keys).union(changes.all.keys)
        let takenBefore = before.seatsTaken(on: flights)
        let takenAfter = after.seatsTaken(on: flights)
        for flight in flights {
            let lowest = schedulesInForce(flight).compactMap { $0?.seats }.min() ?? 0
            let last = takenAfter[flight, default: 0]
            // Whatever the order, never were more taken than if every booking came first, nor fewer than if every
            // cancellation did.
            let most = takenBefore[flight, default: 0] + booked[flight, default: 0]
            let least = last - booked[flight, default: 0]
            if let final = after.flights[flight], last > final.seats {
                report(flight, "\(last) seats are taken, of \(final.seats)")
            }
            if full[flight, default: 0] > 0, most < lowest {
                report(flight, "turned away as full with at most \(most) of \(lowest) seats taken")
            }
            for (change, issued) in changes.all[flight] ?? [] {
                if issued.reply == .refused("seats_below_taken"), change.seats >= most {
                    report(flight, "\(change.seats) seats refused with at most \(most) taken")
                }
                if issued.reply == .done, change.seats < least {
                    report(flight, "\(change.seats) seats accepted with at least \(least) taken")
                }
            }
        }
    }
}
