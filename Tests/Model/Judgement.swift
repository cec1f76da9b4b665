/// The judgement of one phase: everything that may have been the case at some moment of it, and what was seen.
struct Judgement {
    let phase: Phase
    let before: Oracle
    var after: Oracle
    private(set) var differences: [Difference] = []

    /// The fares that may have been in force, nil for a destination that may not have been known.
    var fares: [String: Set<Fare?>] = [:]
    /// The flights as they may have been scheduled, nil for one that may not have been known.
    var schedules: [String: Set<ScheduledFlight?>] = [:]

    init(_ phase: Phase, of oracle: Oracle) {
        self.phase = phase
        before = oracle
        after = oracle
    }

    /// Destinations and flights first, since they say what bookings may be; seats last, when these are known.
    mutating func judge() {
        var destinations = Groups<String, DestinationChange>()
        var flights = Groups<String, FlightChange>()
        var requests = Groups<String, SentRequest>()
        var cancellations = Groups<String, String>()
        for issued in phase.issued {
            switch issued.command {
            case .set(let change): destinations.add(change, issued, to: change.destination)
            case .schedule(let change): flights.add(change, issued, to: change.flight)
            case .request(let request): requests.add(request, issued, to: request.id)
            case .cancel(let id): cancellations.add(id, issued, to: id)
            case .unreadable(let body): expectLetter(body, issued)
            }
        }
        for (destination, changes) in destinations.all { judge(changes, of: destination) }
        for (flight, changes) in flights.all { judge(changes, of: flight) }
        for (id, copies) in requests.all { judge(copies, of: id) }
        for (id, copies) in cancellations.all { judge(copies, of: id, requests.all[id] ?? []) }
        judgeFirstBookings(requests.all.keys)
        judgeSeats(flights, requests.all.keys)
    }

    mutating func report(_ subject: String, _ problem: String, _ kind: Difference.Kind = .unexpected) {
        differences.append(Difference(subject, problem, kind))
    }

    /// What the broker did not confirm may have been lost before it could become a dead letter.
    mutating func expectLetter(_ body: [UInt8], _ issued: Issued) {
        if issued.isCertain { after.letters.append(body) } else { after.possibleLetters.insert(body) }
    }

    /// An answer is one of those allowed; none is needed, since answers are best effort.
    mutating func check(_ issued: Issued, _ subject: String, allowed: Set<Reply>) {
        if let reply = issued.reply, !allowed.contains(reply) {
            report(subject, "answered \(reply) to \(issued.command); allowed: \(allowed)")
        }
    }

    /// An invalid command has no effect, and somebody hears of it.
    mutating func refuse(_ issued: Issued, _ subject: String, _ body: [UInt8]) {
        check(issued, subject, allowed: [.refused("invalid_request")])
        if !issued.wantsReply { expectLetter(body, issued) }
    }

    /// The fares of a destination that may have been in force.
    func faresInForce(_ destination: String) -> Set<Fare?> {
        fares[destination] ?? [before.destinations[destination]?.fare]
    }

    /// The states of a flight that may have been.
    func schedulesInForce(_ flight: String) -> Set<ScheduledFlight?> {
        schedules[flight] ?? [before.flights[flight]]
    }
}

/// The commands of a phase by what they are about.
struct Groups<Key: Hashable, Element> {
    private(set) var all: [Key: [(Element, Issued)]] = [:]

    mutating func add(_ element: Element, _ issued: Issued, to key: Key) {
        all[key, default: []].append((element, issued))
    }
}
