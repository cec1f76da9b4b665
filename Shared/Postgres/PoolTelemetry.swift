import Metrics

/// The instruments of a pool.
struct PoolTelemetry: Sendable {
    // OpenTelemetry's db.client.connection.count would end in what Prometheus keeps for histograms.
    private let used = Gauge(label: "caramelo.database.connections", dimensions: [("state", "used")])
    private let idle = Gauge(label: "caramelo.database.connections", dimensions: [("state", "idle")])
    private let waiting = Gauge(label: "db.client.connection.pending_requests")
    private let waits = Timer(label: "db.client.connection.wait_time")

    /// Notes how the pool is used.
    func note(used: Int, idle: Int, waiting: Int) {
        self.used.record(used)
        self.idle.record(idle)
        self.waiting.record(waiting)
    }

    /// Notes that a task got a connection, or gave up.
    func waited(since start: ContinuousClock.Instant) { waits.record(duration: ContinuousClock.now - start) }
}
