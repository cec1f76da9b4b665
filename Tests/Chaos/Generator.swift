import Checking
import Model

/// Makes the commands of a run, from its seed alone.
///
/// They name destinations, flights and addresses of their own, which a first phase sets up, so that it can be told exactly
/// what each may become, whatever order they are carried out in.
struct Generator: Sendable {
    /// How many commands there are.
    let count: Int
    /// What its ids, destinations, flights and addresses begin with.
    let prefix: String
    /// Whether there are commands that become dead letters.
    let hasLetters: Bool
    var random: Seeded
    private(set) var serial = 0
    /// The latest requests, for twins and cancellations.
    private var recent: [SentRequest] = []
    /// Requests whose cancellation has been ordered, or that can't have one any more.
    private var cancelled: Set<String> = []
    /// The revision of what changes while it runs.
    private var revision = 1

    init(seed: UInt64, count: Int, prefix: String, hasLetters: Bool = true) {
        random = Seeded(seed)
        self.count = count
        self.prefix = prefix
        self.hasLetters = hasLetters
    }

    // MARK: What there is to book

    /// Their fares never change.
    var destinations: [String] { (1...5).map { "Isla \(prefix) \($0)" } }
    /// Its fare grows with every revision.
    var changing: String { "Isla \(prefix) variable" }
    /// Flights with room for all.
    var roomy: [String] { (1...5).map { "\(prefix)-R\($0)" } }
    /// Flights with few seats: each is wanted by many for a while, then the next.
    var scarce: [String] { (0...count / 400).map { "\(prefix)-S\($0)" } }
    /// Its seats grow with every revision.
    var growing: String { "\(prefix)-G" }
    /// A flight that has departed.
    var departed: String { "\(prefix)-D" }
    /// Addresses, few enough that the bookings of one customer meet.
    var addresses: Int { max(20, count / 30) }
    /// A destination that is never set.
    var nowhere: String { "Nowhere \(prefix)" }

    /// What must be there before anything is booked: the destinations, then the flights.
    mutating func setup() -> [[Order]] {
        let places = (destinations + [changing]).map { name in
            let fare = Fare(
                base: random.number(5_000_000...60_000_000), tax: random.number(0...5_000_000),
                petTax: random.number(0...9_000_000))
            return order(.set, .set(DestinationChange(name, fare, revision: 1)))
        }
        let roomy = zip(roomy, destinations).map { schedule($0, to: $1, seats: 1_000_000) }
        let scarce = scarce.enumerated().map { index, flight in
            schedule(flight, to: destination(of: index), seats: random.number(1...25))
        }
        let others = [
            schedule(growing, to: destinations[0], seats: 5),
            schedule(departed, to: destinations[1], seats: 9, departs: "2020-01-01T00:00:00-05:00"),
        ]
        return [places, roomy + scarce + others]
    }

    func destination(of scarce: Int) -> String { destinations[scarce % destinations.count] }

    private mutating func schedule(
        _ flight: String, to destination: String, seats: Int, departs: String = "2099-05-01T10:00:00Z",
        revision: Int = 1
    ) -> Order {
        let change = FlightChange(flight, to: destination, departs: departs, seats: seats, revision: revision)
        return order(.schedule, .schedule(change))
    }

    // MARK: The load

    /// The next command.
    mutating func next() -> Order {
        switch random.number(0...999) {
        case 0..<50: submit(invalidRequest(), .invalid)
        case 50..<90: submit(hopelessRequest())
        case 90..<140: twin()
        case 140..<165: reuse()
        case 165..<245: cancellation(isPatient: true)
        case 245..<270: cancellation(isPatient: false)
        case 270..<280: hasLetters ? order(.cancel, .cancel("\(prefix)-none-\(serial)")) : submit(request())
        case 280..<284: order(.cancel, .cancel("\(prefix)-none-\(serial)"), wantsReply: true)
        case 284..<300: hasLetters ? order(.unreadable, .unreadable(nonsense())) : submit(request())
        case 300..<306: hasLetters ? order(.refused, refused()) : submit(request())
        case 306..<309: growth()
        default: submit(request())
        }
    }

    mutating func order(_ kind: Order.Kind, _ command: Command, wantsReply: Bool = false) -> Order {
        serial += 1
        return Order(id: "\(prefix)-m\(serial)", kind: kind, command: command, wantsReply: wantsReply)
    }

    private mutating func submit(_ request: SentRequest, _ kind: Order.Kind = .request) -> Order {
        recent.append(request)
        if recent.count > 2_000 {
            for old in recent.prefix(1_000) { cancelled.remove(old.id) }
            recent.removeFirst(1_000)
        }
        return order(kind, .request(request), wantsReply: random.happens(4))
    }

    /// The same request again, as another message: one of just now, or an older one.
    private mutating func twin() -> Order {
        guard let request = some() else { return submit(request()) }
        return order(.twin, .request(spelled(request)), wantsReply: random.happens(20))
    }

    /// Another request with a used id: it is refused, unless it comes first.
    private mutating func reuse() -> Order {
        guard var request = some() else { return submit(request()) }
        request.fields["passenger_name"] = .text("Somebody Else")
        return order(.reuse, .request(request), wantsReply: random.happens(20))
    }

    /// A cancellation after its request's outcome is known, or at once; each request is cancelled once at most, so that
    /// it can be told which cancellation had which effect.
    private mutating func cancellation(isPatient: Bool) -> Order {
        guard let request = isPatient ? some() : recent.last, cancelled.insert(request.id).inserted else {
            return submit(request())
        }
        // One that overtakes its request becomes a dead letter, unless it can be answered.
        let wantsReply = isPatient ? random.happens(20) : !hasLetters
        var order = order(.cancel, .cancel(request.id), wantsReply: wantsReply)
        order.after = isPatient ? request.id : nil
        return order
    }

    /// One of the latest requests.
    private mutating func some() -> SentRequest? {
        random.happens(50) ? random.one(of: recent.suffix(20)) : random.one(of: recent)
    }

    /// More seats, or a higher fare, while it is booked.
    private mutating func growth() -> Order {
        revision += 1
        if random.happens(50) {
            return schedule(growing, to: destinations[0], seats: 5 * revision, revision: revision)
        }
        let fare = Fare(base: 10_000_000 + 100_000 * revision, tax: 500_000, petTax: 90_000)
        return order(.set, .set(DestinationChange(changing, fare, revision: revision)))
    }
}
