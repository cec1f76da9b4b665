import Runtime

extension BookingStore {
    /// Time between two looks, and that an answer may take.
    private static let interval = Duration.seconds(5)

    /// Looks whether the database answers, also while there is nothing to do, so that the service doesn't call itself ready
    /// when it couldn't handle what comes next; until it is cancelled.
    func watch(_ health: Health) async {
        while (try? await Task.sleep(for: Self.interval)) != nil {
            // A frozen server keeps a statement waiting for longer than that.
            let timer = Task {
                try await Task.sleep(for: Self.interval)
                health.report("PostgreSQL", "it does not answer")
            }
            do {
                _ = try await query("SELECT 1")
                timer.cancel()
                health.report("PostgreSQL", nil)
            } catch {
                timer.cancel()
                health.report("PostgreSQL", "\(error)")
            }
        }
    }
}
