import Checking
import Contract
import Model

extension Generator {
    /// One to three cancellations of a confirmed booking, together.
    mutating func cancellations() -> [Move] {
        guard let id = random.one(of: some(where: \.isLive)) else { return [] }
        return (0..<(random.happens(30) ? random.number(2...3) : 1)).map { _ in .ask(.cancel(id)) }
    }

    /// A cancellation that has nothing to cancel.
    mutating func uselessCancellation() -> [Move] {
        if isPatient, random.happens(60) { return [.ask(.cancel("none-\(next())"))] }
        return random.one(of: some { !$0.isLive }).map { [.ask(.cancel($0))] } ?? []
    }

    /// A cancellation that is sent before its own request, together with it, or just after.
    mutating func race(_ given: SentRequest? = nil) -> Move {
        let request = given ?? request()
        remember(request)
        var booking = Step(commands: [.request(request)])
        var cancellation = Step(commands: [.cancel(request.id)], wantsReply: true)
        switch random.number(0...9) {
        case 0..<4: booking.delay = random.number(5...250)
        // Later than the first retry delays: there it may be given up.
        case 4 where isPatient: booking.delay = random.number(600...1000)
        case 5..<7: break
        default: cancellation.delay = random.number(1...60)
        }
        if random.happens(20) { booking.commands.append(.request(spelled(request))) }
        return Move(steps: [booking] + Array(repeating: cancellation, count: random.happens(25) ? 2 : 1))
    }

    /// Changes of one destination: several with revisions, or one without.
    mutating func destinationChanges() -> [Move] {
        guard let name = random.one(of: Self.changing), changed.insert(name).inserted else { return [] }
        let stored = oracle.destinations[name]?.revision
        var revisions: [Int?] = [nil]
        if random.happens(80) {
            let first = (stored ?? 0) + random.number(-2...2)
            revisions = (0..<random.number(1...3)).map { max(0, first) + $0 }
        }
        return revisions.map { revision in
            let fare = Fare(
                base: random.number(1_000_000...60_000_000), tax: random.number(0...5_000_000),
                petTax: random.number(0...9_000_000))
            return .ask(.set(DestinationChange(name, fare, revision: revision)))
        }
    }

    /// More seats or fewer, or another destination, while there may be bookings under way.
    mutating func flightChanges() -> [Move] {
        let flights = scarce.suffix(10).filter { oracle.flights[$0] != nil }
        guard let flight = random.one(of: flights), changed.insert(flight).inserted,
            let scheduled = oracle.flights[flight]
        else { return [] }
        let revision = random.happens(90) ? (scheduled.revision ?? 0) + random.number(-1...3) : nil
        var destination = scheduled.destination
        if random.happens(15) { destination = random.one(of: Self.fixed + ["Nowhere"]) ?? destination }
        let departs = random.happens(5) ? Self.time(in: 200) : Self.future
        let count = revision == nil || random.happens(60) ? 1 : 2
        return (0..<count).map { index in
            let seats = max(0, scheduled.seats + random.number(-4...6))
            return .ask(
                .schedule(
                    FlightChange(
                        flight, to: destination, departs: departs, seats: seats,
                        revision: revision.map { max(0, $0) + index })))
        }
    }

    /// What ends in the dead letters, or is refused where somebody can be told.
    mutating func nonsense() -> Move {
        let number = next()
        let bodies: [[UInt8]] = [
            Array("not json \(number)".utf8), Array("[\(number)]".utf8), [0x7b, 0xff, 0x7d], Array("".utf8),
            Array("{\"passenger_age\": \(number)}".utf8), Array("{\"request_id\": \"a b \(number)\"}".utf8),
            Array("{\"request_id\": \(number)}".utf8), Array("{\"request_id\": \"r\(number)\"".utf8),
            Array("{\"request_id\": \"r\(number)\", \"x\": \"\(String(repeating: "x", count: 65_536))\"}".utf8),
        ]
        let wrong: [Command] = [
            .set(DestinationChange("Cali", Fare(base: -number, tax: 0, petTax: 0))),
            .set(DestinationChange("", Fare(base: number, tax: 0, petTax: 0), revision: 1)),
            .schedule(FlightChange("N\(number)", to: "Cali", departs: "tomorrow", seats: 1)),
            .schedule(FlightChange("N\(number)", to: "Cali", departs: Self.future, seats: -1)),
        ]
        if random.happens(30), let command = random.one(of: wrong) {
            return random.happens(50) ? .ask(command) : .send([command])
        }
        let key = random.happens(70) ? RoutingKey.bookingRequest : RoutingKey.bookingCancel
        return Move(steps: [Step(commands: [.unreadable(random.one(of: bodies) ?? [])], key: key)])
    }

    // MARK: Chains

    /// Commands that follow each other's answers, on a destination, a flight and an address of their own.
    mutating func chain() -> Move {
        let number = next()
        func booking(_ name: String, to destination: String, _ more: [String: Value] = [:]) -> SentRequest {
            var request = request(email: "c\(number)@example.com")
            request.id = "c\(number)-\(name)"
            request.fields["destination"] = .text(destination)
            request.fields["flight_id"] = nil
            return SentRequest(id: request.id, fields: request.fields.merging(more) { $1 })
        }
        let fare = Fare(base: random.number(0...9_999_999), tax: random.number(0...99), petTax: 7)
        var dearer = fare
        dearer.base += 1_000_000
        if random.happens(50) {
            let place = "Isla \(number)"
            let (first, second, third) = (booking("1", to: place), booking("2", to: place), booking("3", to: place))
            return .chain([
                .request(booking("0", to: place)), .set(DestinationChange(place, fare, revision: 3)), .request(first),
                .set(DestinationChange(place, dearer, revision: 3)),
                .set(DestinationChange(place, dearer, revision: 4)),
                .request(second), .cancel(first.id), .set(DestinationChange(place, fare, revision: 2)),
                .request(third), .request(first), .cancel(first.id), .request(second), .cancel("c\(number)-0"),
            ])
        }
        let flight = "C\(number)"
        let seat: [String: Value] = ["flight_id": .text(flight)]
        let place = random.one(of: Self.fixed) ?? ""
        func schedule(_ seats: Int, _ revision: Int) -> Command {
            .schedule(FlightChange(flight, to: place, departs: Self.future, seats: seats, revision: revision))
        }
        let requests = (0...4).map { booking("\($0)", to: place, seat) }
        return .chain([
            .request(requests[0]), schedule(1, 1), .request(requests[1]), .request(requests[2]), schedule(0, 2),
            .cancel(requests[1].id), .request(requests[3]), schedule(2, 2), .request(requests[4]), schedule(1, 1),
            .cancel(requests[3].id), schedule(1, 3), .request(requests[2]), .cancel(requests[2].id),
        ])
    }
}
