import AMQP
import Contract
import Foundation
import Model
import Support
import Synchronization

/// Collects every event that the system publishes, from durable queues of its own, on a thread of its own.
final class Probe: Sendable {
    /// Where events come from: the exchange and the routing key.
    private static let sources = [
        (Exchange.bookingNotifications, ""), (Exchange.customerEvents, ""),
        (Exchange.bookings, RoutingKey.bookingAccepted), (Exchange.bookings, RoutingKey.bookingPriced),
        (Exchange.bookings, RoutingKey.candyAccounted), (Exchange.bookings, RoutingKey.loyaltyAwarded),
    ]

    private let sightings: Mutex<Sightings>
    private let isOver = Mutex(false)
    private let state = Mutex<Result<Void, any Error>?>(nil)

    /// Binds the queues and begins to listen; the services must have declared the exchanges.
    init(_ url: String, _ reading: Reading) async throws {
        sightings = Mutex(Sightings(reading: reading))
        // The connection waits in usleep, which a task must not.
        Thread.detachNewThread { self.listen(url) }
        try await eventually("the probe listens") { state.withLock { $0 } != nil }
        try state.withLock { $0 }?.get()
    }

    /// What has been seen so far.
    var seen: Sightings { sightings.withLock { $0 } }

    /// What has been announced of some requests so far.
    func traces(of ids: Set<String>) -> [String: Trace] {
        sightings.withLock { sightings in sightings.traces.filter { ids.contains($0.key) } }
    }

    /// Why it has ended, where it has failed.
    var failure: (any Error)? {
        if case .failure(let error) = state.withLock({ $0 }) { error } else { nil }
    }

    /// Ends it.
    func stop() { isOver.withLock { $0 = true } }

    private func listen(_ url: String) {
        do {
            var raw = try RawChannel(url)
            for (index, source) in Self.sources.enumerated() {
                try raw.listen("probe-\(index)", to: source.0, key: source.1)
            }
            state.withLock { $0 = .success(()) }
            while !isOver.withLock({ $0 }) {
                for delivery in try raw.take(1, within: 0.05) {
                    sightings.withLock { $0.add(delivery.message) }
                }
            }
        } catch {
            state.withLock { $0 = .failure(error) }
        }
    }
}

/// The events seen, each once, and what is wrong with how they came.
struct Sightings: Sendable {
    /// One event.
    struct Sighting: Sendable {
        let body: [UInt8]
        let object: JSON.Object
        var copies = 1
    }

    let reading: Reading
    /// By event id.
    private(set) var events: [String: Sighting] = [:]
    /// What was announced, by request id.
    private(set) var traces: [String: Trace] = [:]
    /// What the contract does not allow of messages.
    private(set) var faults: [String] = []

    init(reading: Reading) { self.reading = reading }

    /// The event of a request with this `event`, and how many there are: more than one is a fault already.
    func event(_ name: String, of requestID: String) -> Sighting? {
        byRequest[requestID]?[name].flatMap { events[$0] }
    }

    /// The names of the events of each request with their ids.
    private(set) var byRequest: [String: [String: String]] = [:]

    mutating func add(_ message: AMQPMessage) {
        let id = message.messageID ?? ""
        if let known = events[id] {
            events[id]?.copies += 1
            if known.body != message.body { faults.append("\(id) came with other bytes") }
            return
        }
        guard let object = try? JSON.object(message.body), let name = object["event"]?.string,
            let requestID = object["request_id"]?.string
        else { return faults.append("\(id) can't be read: \(String(decoding: message.body, as: UTF8.self))") }
        events[id] = Sighting(body: message.body, object: object)
        if object["event_id"]?.string != id { faults.append("\(id) has another event_id") }
        let isDescribed = message.type == name && message.contentType == "application/json" && message.isPersistent
        if !isDescribed || message.timestamp == nil || message.appID == nil {
            faults.append("\(id) lacks properties: \(message)")
        }
        if let other = byRequest[requestID, default: [:]].updateValue(id, forKey: name) {
            faults.append("\(requestID) has two \(name): \(other) and \(id)")
        }
        guard let outcome = try? JSON.decode(BookingOutcome.self, from: message.body),
            name == "booking.\(outcome.status.rawValue)"
        else { return }
        let told = reading.outcome(outcome)
        if outcome.status == .cancelled {
            traces[requestID, default: Trace()].cancelled = told
        } else if traces[requestID, default: Trace()].settled == nil {
            traces[requestID, default: Trace()].settled = told
        } else {
            faults.append("\(requestID) has a second final outcome: \(told)")
        }
    }
}
