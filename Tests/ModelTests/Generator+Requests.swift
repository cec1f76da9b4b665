import Checking
import Foundation
import Model

extension Generator {
    /// A valid request to a destination that is there.
    mutating func request(email: String? = nil) -> SentRequest {
        let number = next()
        let flight = random.happens(isCrowded ? 90 : 35) ? random.one(of: Self.roomy) : nil
        let destination = flight.flatMap { oracle.flights[$0]?.destination }
        let known = Self.fixed + Self.changing.filter { oracle.destinations[$0] != nil }
        var fields: [String: Value] = [
            "passenger_name": .text("Ñandú O'Brien \"\(number)\""), "passenger_age": .integer(random.number(0...30)),
            "email": .text(email ?? "p\(random.number(1...(isCrowded ? 6 : addresses)))@example.com"),
            "destination": .text(destination ?? random.one(of: known) ?? ""),
            "has_pet": .flag(random.happens(30)), "has_promotion": .flag(random.happens(30)),
        ]
        if let flight { fields["flight_id"] = .text(flight) }
        if random.happens(10) { fields["expires_at"] = .text("2099-01-01T00:00:00.5-05:00") }
        return spelled(SentRequest(id: "r\(number)-\(random.number(0...999))", fields: fields))
    }

    /// The same, perhaps written in another way.
    mutating func spelled(_ request: SentRequest) -> SentRequest {
        var fields = request.fields
        if case .text(let email)? = fields["email"], random.happens(15) {
            fields["email"] = .text(random.happens(50) ? email.uppercased() : " \(email)\t")
        }
        if case .integer(let age)? = fields["passenger_age"], random.happens(15) {
            fields["passenger_age"] = .decimal(Double(age))
        }
        if case .text(let name)? = fields["destination"], random.happens(15) {
            fields["destination"] = .text(name.decomposedStringWithCanonicalMapping)
        }
        if fields["has_pet"] == .flag(false), random.happens(30) {
            fields["has_pet"] = random.happens(50) ? nil : .null
        }
        if fields["expires_at"] == nil, random.happens(10) { fields["expires_at"] = .null }
        if random.happens(10) { fields["note"] = .text("\u{1F36C} \\ \n") }
        return SentRequest(id: request.id, fields: fields)
    }

    /// Something wrong with one field or several.
    mutating func invalidRequest() -> SentRequest {
        let faults: [(String, Value)] = [
            ("passenger_age", .integer(131)), ("passenger_age", .text("9")), ("passenger_age", .flag(true)),
            ("passenger_age", .decimal(9.5)), ("passenger_name", .text("")), ("passenger_name", .null),
            ("passenger_name", .text(String(repeating: "é", count: 201))), ("email", .text("nobody")),
            ("email", .text("a@b@c")), ("email", .text(String(repeating: "x", count: 250) + "@y.co")),
            ("destination", .text("")), ("destination", .text(String(repeating: "z", count: 101))),
            ("destination", .integer(3)), ("has_pet", .text("yes")), ("has_promotion", .integer(0)),
            ("flight_id", .text("")), ("expires_at", .text("2026-02-30T00:00:00Z")), ("expires_at", .text("soon")),
            ("passenger_name", .text("a\0b")),
        ]
        var request = request()
        for _ in 0..<random.number(1...3) {
            if let (field, value) = random.one(of: faults) { request.fields[field] = value }
        }
        return request
    }

    /// Valid, and rejected all the same; or expiring just now, which may go either way.
    mutating func hopelessRequest() -> SentRequest {
        var request = request()
        switch random.number(0...6) {
        case 0: request.fields["expires_at"] = .text("2020-01-01T00:00:00Z")
        case 1: request.fields["expires_at"] = .text(Self.time(in: random.number(-50...300)))
        case 2:
            request.fields["destination"] = .text(random.one(of: ["Nowhere", "cartagena", "Nuqui\u{301} "]) ?? "")
            request.fields["flight_id"] = .text("R1")
        case 3: request.fields["flight_id"] = .text("X\(next())")
        case 4:
            request.fields["destination"] = .text("Cali")
            request.fields["flight_id"] = .text("R1")
        case 5:
            request.fields["destination"] = .text("Cartagena")
            request.fields["flight_id"] = .text("D1")
        default:
            // Everything at once: only the first in the contract's order is told.
            request.fields["expires_at"] = .text("2020-01-01T00:00:00Z")
            request.fields["destination"] = .text("Nowhere")
            request.fields["flight_id"] = .text("D1")
        }
        return request
    }

    /// Published with or without asking for an answer.
    mutating func submit(_ request: SentRequest) -> Move {
        remember(request)
        return random.happens(10) ? .ask(.request(request)) : .send([.request(request)])
    }

    /// Many who want the few seats of a flight.
    mutating func rush() -> [Move] {
        let flights = scarce.suffix(8).filter { oracle.flights[$0] != nil }
        guard let flight = random.one(of: flights), let scheduled = oracle.flights[flight] else { return [] }
        return (0..<random.number(3...12)).map { _ in
            var request = request()
            request.fields["flight_id"] = .text(flight)
            request.fields["destination"] = .text(scheduled.destination)
            return random.happens(15) ? race(request) : submit(request)
        }
    }

    // MARK: Twins

    /// Two or three messages of one new request, together.
    mutating func twins() -> [Move] {
        let request = request()
        remember(request)
        if random.happens(40) { return [.send([.request(request), .request(spelled(request))])] }
        return (0..<random.number(2...3)).map { _ in
            let twin = Command.request(spelled(request))
            return random.happens(40) ? .ask(twin) : .send([twin])
        }
    }

    /// A twin of a request from before, with the same contents or others.
    mutating func olderTwin() -> [Move] {
        guard let id = random.one(of: some { _ in true }), let request = sent[id] else {
            return []
        }
        let twin = random.happens(50) ? spelled(request) : altered(request)
        return random.happens(80) ? [.ask(.request(twin))] : [.send([.request(twin)])]
    }

    /// Two new requests with one id and different contents, together: one of them wins.
    mutating func contest() -> [Move] {
        let request = request()
        // Not remembered: who wins, and so what is a twin of it, is only known later.
        let copies = [Command.request(request), .request(altered(request))]
        return random.happens(50) ? [.send(copies)] : copies.map { .ask($0) }
    }

    private mutating func altered(_ request: SentRequest) -> SentRequest {
        var other = request
        switch random.number(0...3) {
        case 0: other.fields["passenger_name"] = .text("Somebody Else")
        case 1: other.fields["email"] = .text("else@example.com")
        case 2: other.fields["flight_id"] = .text("ELSE")
        default: other.fields["expires_at"] = .text("2098-01-01T00:00:00Z")
        }
        return other
    }
}
