import Checking
import Contract
import Foundation
import Model

/// Makes the commands of one phase after the other, at random, but the same from the same seed as far as the answers
/// are the same.
struct Generator {
    /// Their fares never change, so that their reports can be reckoned at any moment.
    static let fixed = ["San Andrés", "Cartagena", "Bogotá", "Cali"]
    /// Their fares change; the last is not there at first.
    static let changing = ["Medellín", "Santa Marta", "Leticia", "Nuquí"]
    /// Flights with room for all.
    static let roomy = ["R1", "R2", "R3"]

    var random: Seeded
    /// How many addresses there are; few, so that bookings of one customer meet.
    let addresses: Int
    /// The requests sent so far, chains' excepted, and their ids in order.
    private(set) var sent: [String: SentRequest] = [:]
    private(set) var ids: [String] = []
    /// The flights with few seats.
    private(set) var scarce: [String] = []
    private(set) var serial = 0
    /// The destinations and flights that are changed in this phase already.
    var changed: Set<String> = []
    /// The state before this phase.
    var oracle = Oracle()
    /// Whether everybody wants a flight in this phase, and few customers book: those who take locks then meet.
    private(set) var isCrowded = false
    /// Whether cancellations that wait for their request in vain may be in this phase, which takes as long as they do.
    private(set) var isPatient = false

    init(seed: UInt64, commands: Int) {
        random = Seeded(seed)
        addresses = max(20, commands / 12)
    }

    /// What must be there before anything else.
    mutating func firstPhase() -> [Move] {
        let roomy = zip(Self.roomy, Self.fixed).map { FlightChange($0, to: $1, departs: Self.future, seats: 100_000) }
        let gone = FlightChange("D1", to: "Cartagena", departs: "2020-01-01T00:00:00-05:00", seats: 9, revision: 1)
        return (roomy + [gone]).map { .ask(.schedule($0)) } + newFlights()
    }

    /// About `size` commands.
    mutating func phase(size: Int, after oracle: Oracle) -> [Move] {
        self.oracle = oracle
        changed = []
        isCrowded = random.happens(25)
        isPatient = random.happens(30)
        var moves = newFlights()
        var count = 0
        while count < size {
            let more = move()
            moves += more
            count += more.reduce(0) { $0 + $1.count }
        }
        moves.shuffle(using: &random)
        return moves
    }

    private mutating func move() -> [Move] {
        if isCrowded, random.happens(60) { return random.happens(70) ? [race()] : cancellations() }
        switch random.number(0...99) {
        case 0..<40: return [submit(request())]
        case 40..<46: return [submit(invalidRequest())]
        case 46..<54: return [submit(hopelessRequest())]
        case 54..<58: return twins()
        case 58..<64: return olderTwin()
        case 64..<66: return contest()
        case 66..<73: return cancellations()
        case 73..<80: return [race()]
        case 80..<83: return uselessCancellation()
        case 83..<87: return rush()
        case 87..<90: return destinationChanges()
        case 90..<94: return flightChanges()
        case 94..<97: return [nonsense()]
        case 97: return [chain()]
        default: return [submit(request())]
        }
    }

    /// Some ids of requests sent before that meet a condition; not all, which would take too long.
    mutating func some(where condition: (Oracle.Booking) -> Bool) -> [String] {
        let start = random.number(0...max(0, ids.count - 200))
        return ids[start...].prefix(200).filter { id in oracle.bookings[id].map(condition) ?? false }
    }

    /// A number that no other thing has.
    mutating func next() -> Int {
        serial += 1
        return serial
    }

    /// Remembers a request, so that there may be twins of it.
    mutating func remember(_ request: SentRequest) {
        if sent[request.id] == nil { ids.append(request.id) }
        sent[request.id] = request
    }

    private mutating func newFlights() -> [Move] {
        (0..<random.number(1...2)).map { _ in
            let flight = "S\(next())"
            scarce.append(flight)
            let destination = random.one(of: Self.fixed) ?? ""
            return .ask(
                .schedule(
                    FlightChange(
                        flight, to: destination, departs: Self.future, seats: random.number(0...6), revision: 1)))
        }
    }

    /// A departure that nobody will live to see.
    static let future = "2099-05-01T10:00:00Z"

    /// A time on the wire so many milliseconds from now.
    static func time(in milliseconds: Int) -> String {
        Timestamp(milliseconds: Timestamp.now.milliseconds + Int64(milliseconds)).description
    }
}
