import Checking
import Runtime
import Support

/// What the nemesis does when, and to whom: it follows from the seed alone.
struct Schedule: Sendable {
    /// One fault.
    struct Step: Sendable {
        let fault: Fault
        let target: Target
        /// Seconds since the run began; later where the one before has taken longer than it should.
        let begins: Double
        /// Seconds for which it lasts.
        let length: Double
    }
    /// Whom a fault hits, and what is particular about it.
    enum Target: Sendable, CustomStringConvertible {
        case replicas([Crew.Seat])
        case service(String)
        /// A replica and by how many seconds its clock jumps.
        case clock(Crew.Seat, Int)
        case network(Route, Proxy.Network)
        case queue(String)
        case server(String)

        var description: String {
            switch self {
            case .replicas(let seats): seats.map(\.description).joined(separator: " ")
            case .service(let name), .queue(let name), .server(let name): name
            case .clock(let seat, let seconds): "\(seat) by \(seconds) s"
            case .network(let route, let network): "\(route), \(network)"
            }
        }
    }

    /// The steps of each lane, in their order.
    let lanes: [[Step]]

    /// Draws the steps.
    /// - Parameters:
    ///   - seconds: the length of the run.
    ///   - replicas: of each service.
    init(faults: Set<Fault>, seed: UInt64, seconds: Double, replicas: Int) {
        lanes = Fault.Lane.allCases.map { lane in
            // Each lane has its own numbers, so that it stays the same without the others.
            let numbers = Seeded(seed &+ lane.rawValue &* 0x1_0000_0001)
            var draw = Draw(numbers: numbers, seconds: seconds, replicas: replicas)
            return draw.steps(of: Fault.allCases.filter { $0.lane == lane && faults.contains($0) }, lane)
        }
    }

    /// A line for each step, by time.
    var lines: [String] {
        lanes.flatMap { $0 }.sorted { $0.begins < $1.begins }.map { step in
            let length = step.length > 0 ? " for \(tenths(step.length)) s" : ""
            return "\(tenths(step.begins)) s  \(step.fault.rawValue): \(step.target)\(length)"
        }
    }

    private func tenths(_ seconds: Double) -> String { "\((seconds * 10).rounded() / 10)" }
}

private struct Draw {
    var numbers: Seeded
    let seconds: Double
    let replicas: Int

    /// All `faults` in a new order again and again, as far as there is time.
    mutating func steps(of faults: [Fault], _ lane: Fault.Lane) -> [Schedule.Step] {
        let pauses = lane == .kills ? 3...12 : 1...max(1, min(8, seconds / 80))
        var steps: [Schedule.Step] = []
        var next = 2.0
        while true {
            let count = steps.count
            for fault in faults.shuffled(using: &numbers) where fault.length.lowerBound <= seconds / 4 {
                let longest = max(fault.length.lowerBound, min(fault.length.upperBound, seconds / 8))
                let length = Double.random(in: fault.length.lowerBound...longest, using: &numbers)
                let target = target(of: fault)
                guard next + length + fault.overhead < seconds else { continue }
                steps.append(.init(fault: fault, target: target, begins: next, length: length))
                next += length + fault.overhead + Double.random(in: pauses, using: &numbers)
            }
            if steps.count == count { return steps }
        }
    }

    private mutating func target(of fault: Fault) -> Schedule.Target {
        switch fault {
        case .kill, .killAgain, .freeze: .replicas([seat(of: service())])
        case .killAll: .replicas(seats(of: service()))
        case .killSeveral: .replicas(services(numbers.number(2...4)).map { seat(of: $0) })
        case .gaps: .service("all")
        case .rollingRestart: .service(service())
        case .clock: .clock(seat(of: service()), one(of: [-86_400, -3_600, -90, 90, 3_600, 86_400 * 40]))
        case .networkCut: .network(route(), .cut)
        case .networkOneWay:
            .network(route(), .blocked(one(of: [[.toServer], [.toService], [.toServer, .toService]])))
        case .networkSlow: .network(route(), .slow(one(of: [100, 300, 1_000])))
        case .networkHalfOpen: .network(route(), .halfOpen)
        case .networkRefused: .network(route(), one(of: [.refusing, .swallowing]))
        case .queueDeleted: .queue(one(of: Self.queues))
        case .rabbitmqStopped, .rabbitmqKilled, .rabbitmqMemory, .rabbitmqDisk, .connectionsClosed: .server("rabbitmq")
        case .postgresKilled, .postgresRestarted, .postgresFull, .postgresLocked, .postgresFrozen: .server("postgres")
        case .redisKilled, .redisRestarted, .redisWiped: .server("redis")
        }
    }

    /// The queues that hold nothing that can't be had again: neither commands nor dead letters. The delays of retries hold
    /// commands now and then, and are deleted only while they don't.
    private static let queues: [String] = {
        let commands = [QueueName.requests, QueueName.changes]
        let kept = commands + commands.map(QueueName.quarantine) + [QueueName.deadLetters, QueueName.deadLetterStore]
        return Topology(ladder: RetryLadder(fast: true)).queues.map(\.name).filter { !kept.contains($0) }
    }()

    private mutating func service() -> String { one(of: TestSystem.services) }

    private mutating func services(_ count: Int) -> ArraySlice<String> {
        TestSystem.services.shuffled(using: &numbers).prefix(count)
    }

    private func seats(of service: String) -> [Crew.Seat] {
        (0..<replicas).map { Crew.Seat(service: service, index: $0) }
    }

    private mutating func seat(of service: String) -> Crew.Seat { one(of: seats(of: service)) }

    private mutating func route() -> Route { one(of: Route.all) }

    /// - Precondition: there is one.
    private mutating func one<Element>(of elements: [Element]) -> Element {
        elements[numbers.number(0...(elements.count - 1))]
    }
}
