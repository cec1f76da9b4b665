import AMQP
import Contract
import Foundation
import Synchronization

/// Hears every outcome, on a connection and a thread of its own.
final class Listener: Sendable {
    private struct State {
        var course: Course?
        var failure: (any Error)?
        var isOver = false
    }
    private let state = Mutex(State())
    private let itineraries: Itineraries

    private init(_ itineraries: Itineraries) { self.itineraries = itineraries }

    /// Begins to listen, and returns when nothing published from then on is missed.
    static func start(at address: AMQPAddress, _ itineraries: Itineraries) async throws -> Listener {
        let listener = Listener(itineraries)
        try await withCheckedThrowingContinuation { ready in
            Thread.detachNewThread { listener.listen(at: address, ready) }
        }
        return listener
    }

    /// Notes outcomes in a measurement's course from now on.
    func follow(_ course: Course?) { state.withLock { $0.course = course } }

    /// Why nothing is heard any more; nil while all is well.
    var failure: (any Error)? { state.withLock { $0.failure } }

    /// Ends it.
    func stop() { state.withLock { $0.isOver = true } }

    private func listen(at address: AMQPAddress, _ ready: CheckedContinuation<Void, any Error>) {
        var isReady = false
        do {
            var connection = try AMQPConnection(to: address, name: "caramelo-bench outcomes")
            try connection.openChannel(1)
            let queue = try connection.declareQueue("", isDurable: false, channel: 1).name
            try connection.bind(queue: queue, to: Exchange.bookingNotifications, routingKey: "", channel: 1)
            try connection.consume(queue, prefetch: 0, channel: 1, noAck: true)
            isReady = true
            ready.resume()
            while !state.withLock({ $0.isOver }) {
                while let incoming = try connection.next() {
                    if case .delivery(let delivery) = incoming { take(delivery.message) }
                }
                wait(for: connection.socket, until: steadyNow + 500_000_000)
            }
            connection.close()
        } catch {
            if isReady { state.withLock { $0.failure = error } } else { ready.resume(throwing: error) }
        }
    }

    private func take(_ message: AMQPMessage) {
        guard let number = itineraries.number(in: message.body) else { return }
        if message.type == RoutingKey.bookingCancelled { return }
        // What `--raw` sends has no type: it comes out as it went in.
        let isConfirmed = message.type == nil || message.type == RoutingKey.bookingConfirmed
        state.withLock { $0.course }?.arrive(number, isConfirmed: isConfirmed)
    }
}
