import Client
import Commands
import Contract

/// One import, from the first byte to the last outcome.
struct ImportRun: Sendable {
    let command: Import
    let ledger: ImportLedger

    init(_ command: Import) {
        self.command = command
        ledger = ImportLedger(isJSON: command.broker.json, isWaiting: command.isWaiting)
    }

    /// Does it all; what it finds is in the ledger.
    func work() async -> Result<Void, ImportFailure> {
        do throws(ImportFailure) {
            let file = try ImportFile(command.file)
            if command.dryRun {
                try await readRows(of: file) { rows throws(ImportFailure) in await ledger.valid(rows) }
            } else {
                try await send(file)
            }
            return .success(())
        } catch {
            return .failure(error)
        }
    }

    /// Reads a file and passes on the rows that can be sent.
    private func readRows(
        of file: ImportFile, _ use: ([ImportRow]) async throws(ImportFailure) -> Void
    ) async throws(ImportFailure) {
        var piece = try await file.next()
        var format: any ImportFormat = try format(of: file, piece) == .csv ? ImportColumns() : ImportLines()
        var rows = ImportRows(batch: command.batch)
        var isLast = false
        while !isLast, !Task.isCancelled {
            isLast = piece.isEmpty
            let items = try format.take(piece, isLast: isLast).map { rows.take($0) }
            try await use(ledger.take(items))
            await ledger.noteRead(file.share)
            if !isLast { piece = try await file.next() }
        }
    }

    private func format(of file: ImportFile, _ first: [UInt8]) throws(ImportFailure) -> ImportFile.Format {
        if let format = command.format { return format }
        return try file.format(first)
    }

    private func send(_ file: ImportFile) async throws(ImportFailure) {
        let client: BookingClient
        let announcements: AsyncThrowingStream<Announcement, any Error>?
        do throws(ClientError) {
            client = BookingClient(
                addresses: try BrokerAddresses.find(option: command.broker.options.url), name: "bookings")
            try await client.connect(timeout: min(command.broker.limit, .seconds(10)))
            // Before anything is sent: what is decided before somebody listens has to be looked up.
            announcements = command.isWaiting ? try await client.outcomes() : nil
        } catch {
            throw ImportFailure(error)
        }
        let result = await withTaskGroup { group in
            if let announcements {
                let outcomes = ImportOutcomes(client: client, ledger: ledger)
                group.addTask { await outcomes.listen(announcements) }
                group.addTask { await outcomes.lookUp() }
            }
            let result = await publish(file, client)
            if case .success = result { await awaitOutcomes() }
            group.cancelAll()
            return result
        }
        await client.close()
        try result.get()
    }

    private func publish(_ file: ImportFile, _ client: BookingClient) async -> Result<Void, ImportFailure> {
        await withTaskGroup { group in
            var sender = ImportSender(
                client: client, ledger: ledger, limit: command.broker.limit, rate: command.rate)
            do throws(ImportFailure) {
                try await readRows(of: file) { rows throws(ImportFailure) in
                    do throws(ClientError) { try await sender.send(rows, in: &group) } catch {
                        throw ImportFailure(error)
                    }
                }
                do throws(ClientError) { try await sender.finish(in: &group) } catch { throw ImportFailure(error) }
                return .success(())
            } catch {
                group.cancelAll()
                return .failure(error)
            }
        }
    }

    /// Waits for what is still to come, as long as something does.
    private func awaitOutcomes() async {
        while await !ledger.isEmpty, await ledger.lastProgress + command.broker.limit > .now {
            guard (try? await Task.sleep(for: .milliseconds(20))) != nil else { return }
        }
        await ledger.giveUp()
    }
}

extension ImportFailure {
    /// What is wrong between us and the broker.
    init(_ error: ClientError) { self.init(message: "\(error)", status: error.exitCode) }
}
