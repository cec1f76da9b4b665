import Client
import Contract

/// Hands rows over to the broker, some batches at a time, no faster than allowed.
struct ImportSender {
    /// Four batches of 500 are on their way at most: what is lost from sight when the import is killed.
    private static let (batchSize, batches) = (500, 4)

    let client: BookingClient
    let ledger: ImportLedger
    /// How long the broker may take to confirm, and how long outcomes may fail to come before they are given up.
    let limit: Duration
    /// Rows a second; nil for as fast as they are taken.
    let rate: Int?
    private var start = ContinuousClock.now
    private var count = 0
    private var underway = 0

    init(client: BookingClient, ledger: ImportLedger, limit: Duration, rate: Int?) {
        self.client = client
        self.ledger = ledger
        self.limit = limit
        self.rate = rate
    }

    /// Sends rows; when it returns the last few batches may still be on their way.
    /// - Parameter group: the batches on their way.
    mutating func send(
        _ rows: [ImportRow], in group: inout TaskGroup<Result<Void, ClientError>>
    ) async throws(ClientError) {
        // With a limit in steps of a tenth of a second, so that they are spread evenly.
        let size = min(Self.batchSize, max(1, (rate ?? .max) / 10))
        var rest = rows[...]
        while !rest.isEmpty {
            let batch = Array(rest.prefix(size))
            rest = rest.dropFirst(size)
            try await awaitTurn(in: &group)
            count += batch.count
            underway += 1
            await ledger.send(batch)
            group.addTask { [client, ledger, limit] in await Self.publish(batch, client, ledger, limit) }
        }
    }

    private static func publish(
        _ rows: [ImportRow], _ client: BookingClient, _ ledger: ImportLedger, _ limit: Duration
    ) async -> Result<Void, ClientError> {
        let messages = rows.map { row in
            ClientMessage(RoutingKey.bookingRequest, JSON.encode(row.request), messageID: row.request.requestID)
        }
        do throws(ClientError) {
            try await client.publish(messages, timeout: limit)
        } catch {
            return .failure(error)
        }
        await ledger.confirm(rows)
        return .success(())
    }

    /// Waits until the rate, the batches on their way and the outcomes that are still to come leave room for more.
    private mutating func awaitTurn(in group: inout TaskGroup<Result<Void, ClientError>>) async throws(ClientError) {
        while underway >= Self.batches { try await finishOne(in: &group) }
        // Looking again is enough: an outcome takes longer than this.
        while await ledger.isFull {
            try await Self.sleep(.milliseconds(10))
            await ledger.giveUpIfStalled(limit)
        }
        if let rate {
            let due = start + .seconds(1) * Double(count) / Double(rate)
            // Time that was lost waiting is not made up for.
            if due + .seconds(1) < .now { (start, count) = (.now, 0) }
            try await Self.sleep(due - .now)
        }
    }

    private mutating func finishOne(in group: inout TaskGroup<Result<Void, ClientError>>) async throws(ClientError) {
        guard let result = await group.next() else { return }
        underway -= 1
        try result.get()
    }

    /// Waits until the broker has everything.
    mutating func finish(in group: inout TaskGroup<Result<Void, ClientError>>) async throws(ClientError) {
        while underway > 0 { try await finishOne(in: &group) }
    }

    private static func sleep(_ time: Duration) async throws(ClientError) {
        do { try await Task.sleep(for: max(.zero, time)) } catch { throw .closed }
    }
}
