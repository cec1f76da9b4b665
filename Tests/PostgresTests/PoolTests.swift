import Synchronization
import Testing

@testable import Postgres

@Suite("Pool")
struct PoolTests {
    /// What the borrowers saw.
    private final class Record: Sendable {
        let state = Mutex((now: 0, most: 0, seen: Set<ObjectIdentifier>(), order: [Int]()))
    }

    // The connections connect only on use, so most of this needs no server.
    private func pool(size: Int, waitLimit: Duration = .seconds(30)) -> PostgresPool {
        PostgresPool(url: serverURL ?? "postgres://", applicationName: "tests", size: size, waitLimit: waitLimit)
    }

    @Test("No more connections than its size, and the same ones again")
    func limit() async throws {
        let pool = pool(size: 3)
        let lent = Record()
        try await withThrowingTaskGroup { group in
            for _ in 0..<50 {
                group.addTask {
                    try await pool.with { connection in
                        lent.state.withLock {
                            $0.now += 1
                            $0.most = max($0.most, $0.now)
                            $0.seen.insert(ObjectIdentifier(connection))
                        }
                        try await Task.sleep(for: .milliseconds(2))
                        lent.state.withLock { $0.now -= 1 }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(lent.state.withLock(\.most) == 3)
        #expect(lent.state.withLock(\.seen.count) == 3)
    }

    @Test("Connections are opened only when none is free")
    func lazy() async throws {
        let pool = pool(size: 3)
        var seen = Set<ObjectIdentifier>()
        for _ in 0..<5 { try await pool.with { _ = seen.insert(ObjectIdentifier($0)) } }
        #expect(seen.count == 1)
    }

    @Test("Who waits longest is next")
    func fair() async throws {
        let pool = pool(size: 1)
        let record = Record()
        try await withThrowingTaskGroup { group in
            for number in 0..<6 {
                group.addTask {
                    try await pool.with { _ in
                        record.state.withLock { $0.order.append(number) }
                        if number == 0 { try await Task.sleep(for: .milliseconds(300)) }
                    }
                }
                try await Task.sleep(for: .milliseconds(30))
            }
            try await group.waitForAll()
        }
        #expect(record.state.withLock(\.order) == [0, 1, 2, 3, 4, 5])
    }

    @Test("What the body throws comes out, and the connection goes back")
    func throwing() async throws {
        struct Oops: Error {}
        let pool = pool(size: 1)
        await #expect(throws: Oops.self) { try await pool.with { _ in throw Oops() } }
        #expect(try await pool.with { _ in 1 } == 1)
    }

    @Test("A cancelled task stops waiting, and takes no connection with it")
    func cancellation() async throws {
        let pool = pool(size: 1)
        try await pool.with { _ in
            let waiting = Task { try await pool.with { _ in } }
            try await Task.sleep(for: .milliseconds(50))
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
            let late = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                try await pool.with { _ in }
            }
            await #expect(throws: CancellationError.self) { try await late.value }
        }
        #expect(try await pool.with { _ in 1 } == 1)
    }

    @Test("The wait for a connection ends")
    func waitLimit() async throws {
        let pool = pool(size: 1, waitLimit: .milliseconds(100))
        try await pool.with { _ in
            let error = await #expect(throws: PostgresError.self) { try await pool.with { _ in } }
            #expect(error?.code == .timedOut)
            #expect(error?.isDependencyAway == true)
        }
        #expect(try await pool.with { _ in 1 } == 1)
    }

    @Test("Transactions side by side", .enabled(if: serverURL != nil, serverIsMissing))
    func transactions() async throws {
        try await withAccounts { table in
            let pool = pool(size: 3)
            try await withThrowingTaskGroup { group in
                for _ in 0..<30 {
                    group.addTask {
                        try await pool.transaction { db throws(PostgresError) in
                            _ = try db.query("UPDATE \(table) SET balance = balance + 1 WHERE id = $1", [1])
                        }
                    }
                }
                try await group.waitForAll()
            }
            let balance = try await pool.with { try await $0.number("SELECT balance FROM \(table) WHERE id = 1") }
            #expect(balance == 130)
        }
    }
}
