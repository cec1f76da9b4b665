import AMQP
import ConnectionThread

extension BookingClient {
    /// Waits until somebody consumes a queue.
    ///
    /// Asked on a connection of its own, since the broker closes the channel where there is no such queue.
    /// - Parameter limit: the longest wait; it is asked once at least.
    /// - Returns: whether somebody does.
    /// - Throws: ``ClientError/unreachable(_:)`` or ``ClientError/refused(_:)`` where the broker can't be asked.
    public func isConsumed(_ queue: String, within limit: Duration) async throws(ClientError) -> Bool {
        let deadline = ContinuousClock.now + limit
        while true {
            if try consumers(of: queue) > 0 { return true }
            if .now >= deadline { return false }
            try? await Task.sleep(for: .milliseconds(200))
        }
    }

    private func consumers(of queue: String) throws(ClientError) -> Int {
        var failure = AMQPError(.connectionLost, "there is no node to connect to")
        for address in addresses {
            do throws(AMQPError) {
                var connection = try AMQPConnection(to: address, name: name)
                try connection.openChannel(1)
                let count = try connection.declareQueue(queue, isPassive: true, channel: 1).consumers
                connection.close()
                return count
            } catch {
                if error.code == .server(404) { return 0 }
                failure = error
            }
        }
        throw ClientError(failure)
    }
}
