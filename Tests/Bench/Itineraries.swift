import Checking
import Support

/// The requests of a run, by number: the same for the same number, but for what tells runs apart.
struct Itineraries: Sendable {
    /// What ids, destinations and addresses of this run begin with; nobody else's, and no earlier run's.
    let prefix: String

    /// Where the journeys go: fares of its own, so that the report tells what this run booked.
    var destinations: [String] { ["San Andrés", "Cartagena", "Bogotá"].map { "\($0) (\(prefix))" } }

    func id(_ number: Int) -> String { "\(prefix)-\(number)" }

    /// A valid request: about every seventh is for a child, or with a pet; 2,000 customers.
    func request(_ number: Int) -> SampleRequest {
        var random = Seeded(UInt64(number))
        var request = SampleRequest()
        request.id = id(number)
        request.name = "Pasajero \(number)"
        request.age = random.number(1...80)
        request.email = "p\(random.number(1...2_000)).\(prefix)@example.com"
        request.destination = destinations[random.number(0...2)]
        request.hasPet = random.happens(15)
        request.hasPromotion = random.happens(30)
        return request
    }

    /// The number of the request that a body is, or is the outcome of; nil for one of somebody else's.
    func number(in body: [UInt8]) -> Int? {
        for found in body.ranges(of: mark) {
            let digits = body[found.upperBound...].prefix { (0x30...0x39).contains($0) }
            // Other ids may begin as the request's does.
            guard !digits.isEmpty, digits.count < 18, body[digits.endIndex...].first == UInt8(ascii: "\"") else {
                continue
            }
            return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        }
        return nil
    }

    private let mark: [UInt8]

    init(prefix: String) {
        self.prefix = prefix
        mark = Array("\"\(prefix)-".utf8)
    }
}
