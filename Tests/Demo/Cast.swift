import AMQP
import Client
import Contract

/// What a demonstration sends.
struct Cast {
    /// What an upstream system would publish first.
    var messages: [ClientMessage] = []
    /// Requests whose ids are taken by others with other contents; published when those are decided.
    var impostors: [ClientMessage] = []
    /// The requests that must have an outcome, by request id.
    var requests: [String: Fate] = [:]
    /// The reasons for which messages must become dead letters, by message id.
    var unreadable: [String: String] = [:]

    private let run: String
    private let destinations: [Destination]
    private var random: SplitMix

    /// - Parameters:
    ///   - count: how many messages.
    ///   - run: tells this run's ids and addresses from those of others.
    ///   - destinations: the fares and taxes in force.
    init(count: Int, seed: UInt64, run: String, destinations: [Destination]) {
        self.run = run
        self.destinations = destinations
        random = SplitMix(state: seed)
        // The first hundred have every kind, and each kind has its share of all.
        for index in 0..<count {
            switch index % 50 {
            case 5, 30: addInvalid(index)
            case 8, 33: addRequest(index, to: random.pick(["Atlantis", "Narnia", "san andrés", "Bogota"]))
            case 12: addExpired(index)
            case 15, 27, 42: addUnreadable(index)
            case 18, 36, 44: addTwin(index)
            case 48: addImpostor(index)
            default: addRequest(index)
            }
        }
        messages.shuffle(using: &random)
    }

    // MARK: Requests

    /// A request as it would be written by a booking site; most to the places that most people like.
    private mutating func makeRequest(_ index: Int, to wanted: String? = nil) -> Itinerary {
        let place = min(random.below(destinations.count + 3), random.below(destinations.count))
        let destination = wanted ?? destinations[place].destination
        let customer = random.below(max(2, index * 2 / 3))
        let name = Self.names[customer % Self.names.count]
        var email = "\(["juan", "maria", "zoe", "li", "soren"][customer % 5]).\(customer)@\(run).demo.example"
        // Addresses differ neither by case nor by white space at their ends.
        if random.one(in: 7) { email = email.uppercased() }
        if random.one(in: 11) { email = " \(email) " }
        return Itinerary(
            requestID: "\(run)-\(index)", name: name,
            age: random.one(in: 3) ? random.below(14) : 12 + random.below(119), email: email,
            destination: destination, hasPet: random.one(in: 4), hasPromotion: random.one(in: 5))
    }

    private mutating func addRequest(_ index: Int, to wanted: String? = nil) {
        let itinerary = makeRequest(index, to: wanted)
        let known = destinations.first { $0.destination == itinerary.destination }
        requests[itinerary.requestID] = known.map { .confirmed(itinerary, $0) } ?? .rejected("unknown_destination")
        // Two ways to write the same name, and whatever else JSON leaves open.
        let written = random.one(in: 3) ? itinerary.decomposed : itinerary
        add(itinerary.requestID, written.json(style: index % 4))
    }

    private mutating func addExpired(_ index: Int) {
        let itinerary = makeRequest(index)
        requests[itinerary.requestID] = .rejected("expired")
        add(itinerary.requestID, itinerary.json(more: [#""expires_at": "2020-02-29T23:59:59-05:00""#]))
    }

    private mutating func addInvalid(_ index: Int) {
        let itinerary = makeRequest(index)
        requests[itinerary.requestID] = .rejected("invalid_request")
        // The last of several members of one name counts.
        let mistake = random.pick([
            #""passenger_age": 131"#, #""passenger_age": "9""#, #""passenger_age": true"#, #""passenger_age": 9.5"#,
            #""passenger_age": -1"#, #""passenger_name": """#, #""email": "nobody.example""#, #""has_pet": "yes""#,
            #""destination": null"#, #""expires_at": "tomorrow""#,
        ])
        add(itinerary.requestID, itinerary.json(more: [mistake]))
    }

    /// The same request once more, as an upstream system sends it that is not sure of the first.
    private mutating func addTwin(_ index: Int) {
        guard let twin = earlier(where: { _ in true }) else { return addRequest(index) }
        messages.append(twin)
    }

    /// Another request under the id of one that was sent.
    private mutating func addImpostor(_ index: Int) {
        guard let victim = earlier(where: \.isConfirmed) else { return addRequest(index) }
        var itinerary = makeRequest(index)
        itinerary.requestID = victim.messageID
        itinerary.name = "Somebody Else"
        impostors.append(message(victim.messageID, Array(itinerary.json().utf8)))
    }

    /// One of the requests so far, if one that will do is found soon.
    private mutating func earlier(where isWanted: (Fate) -> Bool) -> ClientMessage? {
        for _ in 0..<20 where !messages.isEmpty {
            let message = random.pick(messages)
            if let fate = requests[message.messageID], isWanted(fate) { return message }
        }
        return nil
    }

    // MARK: What can't be read

    private mutating func addUnreadable(_ index: Int) {
        let id = "\(run)-\(index)"
        let (body, reason): ([UInt8], String) = random.pick([
            (Array("Hello, I would like to fly to Cali.".utf8), "not_json_object"),
            (Array(#"["request_id", "\#(id)"]"#.utf8), "not_json_object"),
            (Array(#"{"request_id": "\#(id)", "passenger_name": "Ju"#.utf8), "not_json_object"),
            (Array(#"{"passenger_name": "Juan Pérez", "passenger_age": 9}"#.utf8), "no_request_id"),
            (Array(#"{"request_id": "an id with spaces \#(id)"}"#.utf8), "no_request_id"),
            ([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x7d], "not_utf8"),
        ])
        unreadable[id] = reason
        messages.append(message(id, body))
    }

    private mutating func add(_ id: String, _ json: String) { messages.append(message(id, Array(json.utf8))) }

    private func message(_ id: String, _ body: [UInt8]) -> ClientMessage {
        ClientMessage("booking.request", body, messageID: id, correlationID: id)
    }

    private static let names = [
        "Juan Pérez", "María Ñáñez", "Zoë Krüger", "李小龍", "Søren Ångström", "Łukasz Żak", "Renée O’Connor",
        "Çağla Işık", "Frédéric Hébert", "Ana Gómez", "Nguyễn Thị Hà", "José Ibáñez", "Ольга Петрова", "Δήμητρα",
        "Björk Guðmundsdóttir", "Seán Ó Briain", "אורי כהן", "山田 花子", "Niño Jesús", "Ada Lovelace",
    ]
}

/// Steele, Lea and Flood's SplitMix64: small, and the same numbers everywhere.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &self) }
    mutating func one(in number: Int) -> Bool { below(number) == 0 }
    mutating func pick<T>(_ items: [T]) -> T { items[below(items.count)] }
}
