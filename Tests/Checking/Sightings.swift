import AMQP
import Contract
import Model

/// The events seen, each once, and what is wrong with how they came.
public struct Sightings: Sendable {
    /// One event.
    public struct Sighting: Sendable {
        /// Its bytes.
        public let body: [UInt8]
        /// How often it was published.
        public internal(set) var copies = 1

        /// A member of its body.
        public func integer(_ name: String) -> Int64? { (try? JSON.object(body))?[name]?.integer }
        /// A member of its body.
        public func string(_ name: String) -> String? { (try? JSON.object(body))?[name]?.string }
    }

    private let reading: Reading
    private let isOurs: @Sendable (String) -> Bool
    /// By event id.
    public private(set) var events: [String: Sighting] = [:]
    /// What was announced, by request id.
    public private(set) var traces: [String: Trace] = [:]
    /// The names of the events of each request with their ids.
    public private(set) var byRequest: [String: [String: String]] = [:]
    /// What the contract does not allow of messages.
    public private(set) var faults: [Difference] = []

    /// None yet.
    /// - Parameter isOurs: whether events of a request id are looked at.
    public init(reading: Reading, isOurs: @escaping @Sendable (String) -> Bool = { _ in true }) {
        self.reading = reading
        self.isOurs = isOurs
    }

    /// How many events were published again, byte for byte the same.
    public var again: Int { events.values.reduce(0) { $0 + $1.copies - 1 } }

    /// The event of a request with this `event`.
    public func event(_ name: String, of requestID: String) -> Sighting? {
        byRequest[requestID]?[name].flatMap { events[$0] }
    }

    /// Takes a message into account.
    /// - Parameter isRedelivered: whether it is the broker that delivers it again, to us.
    /// - Returns: the request id of an outcome or a cancellation that was not known.
    @discardableResult
    public mutating func add(_ message: AMQPMessage, isRedelivered: Bool = false) -> String? {
        let id = message.messageID ?? ""
        if let known = events[id] {
            if !isRedelivered { events[id]?.copies += 1 }
            if known.body != message.body { fault(known.string("request_id") ?? id, "\(id) came with other bytes") }
            return nil
        }
        guard let object = try? JSON.object(message.body), let name = object["event"]?.string,
            let requestID = object["request_id"]?.string
        else {
            fault(id, "can't be read: \(String(decoding: message.body, as: UTF8.self))")
            return nil
        }
        guard isOurs(requestID) else { return nil }
        events[id] = Sighting(body: message.body)
        if object["event_id"]?.string != id { fault(requestID, "\(id) has another event_id") }
        let isDescribed = message.type == name && message.contentType == "application/json" && message.isPersistent
        if !isDescribed || message.timestamp == nil || message.appID == nil {
            fault(requestID, "\(id) lacks properties: \(message)")
        }
        if let other = byRequest[requestID, default: [:]].updateValue(id, forKey: name) {
            fault(requestID, "has two \(name): \(other) and \(id)", .duplicated)
        }
        guard let outcome = try? JSON.decode(BookingOutcome.self, from: message.body),
            name == "booking.\(outcome.status.rawValue)"
        else { return nil }
        note(reading.outcome(outcome), of: requestID)
        return requestID
    }

    private mutating func note(_ outcome: Outcome, of requestID: String) {
        if outcome.status == .cancelled {
            traces[requestID, default: Trace()].cancelled = outcome
        } else if traces[requestID, default: Trace()].settled == nil {
            traces[requestID, default: Trace()].settled = outcome
        } else {
            fault(requestID, "has a second final outcome: \(outcome)", .duplicated)
        }
    }

    private mutating func fault(_ subject: String, _ problem: String, _ kind: Difference.Kind = .unexpected) {
        faults.append(Difference(subject, problem, kind))
    }
}
