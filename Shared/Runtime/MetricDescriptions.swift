extension PrometheusRegistry {
    /// What each metric says, by its instrument's label: the `# HELP` of the text. Prometheus has no other place for it, and
    /// swift-metrics none at all.
    static let descriptions = [
        "messaging.client.consumed.messages": "Messages handled and acknowledged.",
        "messaging.client.operation.duration": "Time from publishing some messages together to the last confirm.",
        "messaging.client.sent.messages": "Messages published and confirmed by the broker.",
        "messaging.process.duration": "Time from taking a batch of messages in hand to its acknowledgement.",

        "caramelo.broker_blocked": "Whether the broker takes no messages on this connection, because of an alarm.",
        "caramelo.dead_lettered.messages": "Messages that this service gave up and put into the dead letters.",
        "caramelo.dropped.replies": "Answers that could not be sent.",
        "caramelo.in_flight": "Messages in hand.",
        "caramelo.oldest_message_age_seconds":
            "Age of the oldest message that waits or is in hand, by its publisher's clock; 0 where none does, missing while "
            + "the queue is not consumed.",
        "caramelo.quarantine.ended_processes": "Processes that a message in quarantine ended.",
        "caramelo.quarantined.messages": "Messages put apart because they may have killed their consumer.",
        "caramelo.reconnects": "Connections to the broker that had to be made anew.",
        "caramelo.retried.messages": "Messages that failed and are tried again, by how often they have failed.",
        "caramelo.waiting_messages":
            "Messages that the broker has ready in the queue, as of the last look (every 5 s); missing while the queue is not "
            + "consumed.",

        "db.client.connection.pending_requests": "Tasks that wait for a connection of the pool.",
        "db.client.connection.wait_time": "Time that a task waited for a connection of the pool.",
        "db.client.operation.duration": "Time of one round trip to PostgreSQL or Redis.",
        "caramelo.database.connections": "Connections of the pool, those lent (used) and the others (idle).",

        "caramelo.booking.duration": "Time from the storing of a request to its confirmation.",
        "caramelo.cancelled.bookings": "Confirmed bookings that were cancelled.",
        "caramelo.candies": "Candies accounted.",
        "caramelo.candies.cost.cents": "What the accounted candies cost, in the currency's minor unit.",
        "caramelo.confirmed.bookings": "Bookings confirmed.",
        "caramelo.refunds.cents": "Prices of the cancelled bookings, in the currency's minor unit.",
        "caramelo.rejected.bookings": "Requests rejected.",
        "caramelo.takings.cents": "Prices of the confirmed bookings, in the currency's minor unit.",

        "caramelo.missing_parts": "Parts of the report that are being replayed, because they differ from the bookings.",
        "caramelo.stuck_bookings": "Bookings that stay pending although nothing waits for them.",

        "caramelo.dead_letters": "Dead letters stored.",
        "caramelo.dead_letters.oldest_unresolved_seconds": "Age of the oldest dead letter that is open.",
        "caramelo.dead_letters.replays": "Replayed dead letters that took effect, and that failed again.",
        "caramelo.dead_letters.unresolved": "Dead letters that are open.",

        "caramelo.exported.spans": "Spans that the collector has taken.",
        "caramelo.dropped.spans": "Spans dropped: the collector was slower than they came (full), or refused them.",
    ]
}
