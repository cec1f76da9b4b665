import Client
import Contract
import Model
import Support

extension Observer {
    /// Cancels whatever is booked under some request ids, for some minutes.
    /// - Parameters:
    ///   - ids: of bookings, or of requests that may still be on their way.
    ///   - client: publishes the cancellations.
    /// - Returns: the ids of which it is not known that nothing is booked.
    public func cancel(_ ids: Set<String>, by client: BookingClient) async -> Set<String> {
        var left = ids
        for _ in 0..<30 where !left.isEmpty {
            // What is not stored may be on its way; only what is, is cancelled, since a cancellation of nothing becomes
            // a dead letter.
            if let known = try? await bookings(left) {
                left = left.filter { id in known[id]?.outcome.map { $0.status == .confirmed } ?? true }
                let messages = left.filter { known[$0] != nil }.map {
                    ClientMessage(RoutingKey.bookingCancel, Command.cancel($0).body)
                }
                try? await client.publish(messages, timeout: .seconds(60))
            }
            if !left.isEmpty { try? await Task.sleep(for: .seconds(2)) }
        }
        return left
    }
}
