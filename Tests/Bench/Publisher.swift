import AMQP
import Contract
import Support

/// Publishes requests on a connection of its own, persistent, mandatory and with confirms.
struct Publisher: Sendable {
    let address: AMQPAddress
    let itineraries: Itineraries

    /// The most requests without a confirm where they are sent as fast as the broker confirms.
    static let window = 1_000
    /// The most where they are sent by a schedule: beyond that the broker is no longer able to, and the rest waits.
    private static let flood = 20_000
    /// Requests sent before it looks for confirms again.
    private static let burst = 64

    /// Publishes a measurement's requests as they are due, and returns when the broker has confirmed all of them.
    /// - Throws: `AMQPError` where the connection is lost, ``RunFailure`` where the broker takes no requests, and
    ///   `CancellationError` when the course is stopped.
    func publish(_ course: Course) throws {
        var connection = try AMQPConnection(to: address, name: "caramelo-bench")
        try connection.openChannel(1)
        try connection.selectConfirms(channel: 1)
        let schedule = course.begin()
        let room = schedule.rate == nil ? Self.window : Self.flood
        var (next, confirmed) = (0, 0)
        while confirmed < course.count {
            if course.isStopped { throw CancellationError() }
            connection.setCorked(true)
            let end = min(course.count, next + Self.burst)
            while next < end, next - confirmed < room, schedule.due(next) <= steadyNow,
                connection.isWritable
            {
                try send(course.first + next, on: &connection)
                next += 1
            }
            connection.setCorked(false)
            course.send(next)
            while let incoming = try connection.next() { try note(incoming, course) }
            confirmed = course.counts.confirmed
            let isHeld = next == course.count || next - confirmed >= room || !connection.isWritable
            let soon = steadyNow + 1_000_000
            wait(for: connection.socket, until: isHeld ? soon : min(schedule.due(next), soon + 100_000_000))
        }
        connection.close()
    }

    private func send(_ number: Int, on connection: inout AMQPConnection) throws {
        let request = itineraries.request(number)
        var message = AMQPMessage(body: request.body)
        message.contentType = "application/json"
        message.messageID = request.id
        try connection.publish(
            message, to: Exchange.bookings, routingKey: RoutingKey.bookingRequest, isMandatory: true, channel: 1)
    }

    private func note(_ incoming: AMQPIncoming, _ course: Course) throws {
        switch incoming {
        case .confirmed(let tag, let multiple): course.confirm(Int(tag), multiple: multiple)
        case .refused: throw RunFailure("the broker refused a request")
        case .returned: throw RunFailure("no queue takes requests: start the services")
        case .delivery, .empty, .consumerCancelled, .blocked, .unblocked: break
        }
    }
}
