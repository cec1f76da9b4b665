import Checking
import Foundation
import Model

extension Generator {
    /// A valid request to a destination that is there.
    mutating func request() -> SentRequest {
        var destination = random.happens(8) ? changing : random.one(of: destinations) ?? ""
        var flight: String?
        switch random.number(0...99) {
        case 0..<25:
            let index = random.number(0...roomy.count - 1)
            (flight, destination) = (roomy[index], destinations[index])
        case 25..<40:
            // Wanted by many at a time: about forty for a flight with a dozen seats.
            let index = min(serial, count) / 400
            (flight, destination) = ("\(prefix)-S\(index)", self.destination(of: index))
        case 40..<42: (flight, destination) = (growing, destinations[0])
        default: break
        }
        var fields: [String: Value] = [
            "passenger_name": .text("Ñandú O'Brien \"\(serial)\""), "passenger_age": .integer(random.number(0...40)),
            "email": .text("p\(random.number(1...addresses)).\(prefix)@example.com"), "destination": .text(destination),
            "has_pet": .flag(random.happens(30)), "has_promotion": .flag(random.happens(30)),
        ]
        if let flight { fields["flight_id"] = .text(flight) }
        if random.happens(5) { fields["expires_at"] = .text("2099-01-01T00:00:00.5-05:00") }
        return spelled(SentRequest(id: "\(prefix)-r\(serial)", fields: fields))
    }

    /// The same, perhaps written in another way.
    mutating func spelled(_ request: SentRequest) -> SentRequest {
        var fields = request.fields
        if case .text(let email)? = fields["email"], random.happens(10) {
            fields["email"] = .text(random.happens(50) ? email.uppercased() : " \(email)\t")
        }
        if case .integer(let age)? = fields["passenger_age"], random.happens(10) {
            fields["passenger_age"] = .decimal(Double(age))
        }
        if fields["has_pet"] == .flag(false), random.happens(20) { fields["has_pet"] = nil }
        return SentRequest(id: request.id, fields: fields)
    }

    /// Something wrong with a field.
    mutating func invalidRequest() -> SentRequest {
        let faults: [(String, Value)] = [
            ("passenger_age", .integer(131)), ("passenger_age", .text("9")), ("passenger_age", .decimal(9.5)),
            ("passenger_name", .text("")), ("passenger_name", .null), ("email", .text("nobody")),
            ("email", .text("a@b@c")), ("has_pet", .text("yes")), ("flight_id", .text("")),
            ("expires_at", .text("soon")), ("passenger_name", .text("a\0b")),
        ]
        var request = request()
        if let (field, value) = random.one(of: faults) { request.fields[field] = value }
        return request
    }

    /// Valid, and rejected all the same.
    mutating func hopelessRequest() -> SentRequest {
        var request = request()
        switch random.number(0...4) {
        case 0: request.fields["expires_at"] = .text("2020-01-01T00:00:00Z")
        case 1: (request.fields["destination"], request.fields["flight_id"]) = (.text(nowhere), nil)
        case 2: request.fields["flight_id"] = .text("\(prefix)-X")
        case 3:
            request.fields["destination"] = .text(destinations[4])
            request.fields["flight_id"] = .text(roomy[0])
        default:
            request.fields["destination"] = .text(destinations[1])
            request.fields["flight_id"] = .text(departed)
        }
        return request
    }

    /// What can't be read, or names no usable request: all different.
    mutating func nonsense() -> [UInt8] {
        let mark = "\(prefix) \(serial)"
        let bodies: [[UInt8]] = [
            Array("not json \(mark)".utf8), Array("[\"\(mark)\"]".utf8), Array("{\"mark\": \"\(mark)\"}".utf8),
            Array("{\"request_id\": \"\(mark)\"}".utf8),
            Array("{\"request_id\": \(serial), \"mark\": \"\(mark)\"}".utf8),
            Array("{\"request_id\": \"r\(serial)\", \"mark\": \"\(mark)\"".utf8), [0xff, 0xfe] + Array(mark.utf8),
        ]
        return random.one(of: bodies) ?? []
    }

    /// A command other than a request that breaks a rule, and names nobody to tell.
    mutating func refused() -> Command {
        random.happens(50)
            ? .set(DestinationChange("\(nowhere) \(serial)", Fare(base: -1, tax: 0, petTax: 0), revision: 1))
            : .schedule(FlightChange("\(prefix)-N\(serial)", to: destinations[0], departs: "tomorrow", seats: 1))
    }
}
