import Foundation
import Postgres
import Support

extension Stage {
    /// Injects a fault of a server, and undoes it at `over`.
    func sufferServer(_ fault: Fault, _ server: String, until over: ContinuousClock.Instant) async throws {
        switch fault {
        case .rabbitmqStopped, .postgresRestarted, .redisRestarted:
            try await own.act("stop", server)
            try await pause(until: over)
            try await own.act("start", server)
        case .rabbitmqKilled, .postgresKilled, .redisKilled:
            try await own.act("kill", server)
            try await pause(until: over)
            try await own.act("start", server)
        case .postgresFrozen:
            try await own.act("pause", server)
            try await pause(until: over)
            try await own.act("resume", server)
        case .rabbitmqMemory, .rabbitmqDisk:
            try await setAlarm(fault, true)
            try await pause(until: over)
            try await setAlarm(fault, false)
        case .connectionsClosed: try await closeConnections()
        case .postgresFull: try await takeConnections(until: over)
        case .postgresLocked: try await lockBookings(until: over)
        case .redisWiped: try await Support.run("/usr/bin/redis-cli", ["-p", own.servers.redisPort, "FLUSHALL"])
        default: throw TestFailure("\(fault) is none of a server")
        }
    }

    /// Sets off an alarm of the broker, or ends it.
    func setAlarm(_ fault: Fault, _ isOn: Bool) async throws {
        try await own.rabbitmqctl(
            fault == .rabbitmqMemory
                ? ["set_vm_memory_high_watermark", isOn ? "0" : "0.4"]
                : ["set_disk_free_limit", isOn ? "900000000000000" : "50000000"])
    }

    private func closeConnections() async throws {
        let connections = try await system.broker("GET", "vhosts/\(system.name)/connections?columns=name")
        for connection in connections as? [[String: Any]] ?? [] {
            let name = (connection["name"] as? String)?.addingPercentEncoding(withAllowedCharacters: .alphanumerics)
            // It may be gone already.
            if let name { _ = try? await system.broker("DELETE", "connections/\(name)") }
        }
    }

    private func lockBookings(until over: ContinuousClock.Instant) async throws {
        let database = PostgresConnection(url: databaseURL, applicationName: "nemesis")
        let seconds = max(0, (over - .now) / .seconds(1))
        _ = try await database.query(
            "DO $$ BEGIN LOCK TABLE bookings IN ACCESS EXCLUSIVE MODE; PERFORM pg_sleep(\(seconds)); END $$")
        await database.close()
    }

    /// Takes all connections that PostgreSQL has, also those that the services had.
    private func takeConnections(until over: ContinuousClock.Instant) async throws {
        let database = PostgresConnection(url: databaseURL, applicationName: "nemesis")
        _ = try await database.query("SELECT 1")
        let port = own.servers.port(of: "postgres")
        var taken = (0..<200).compactMap { _ in Socket.login(port) }
        _ = try await database.query(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()
            """)
        taken += (0..<50).compactMap { _ in Socket.login(port) }
        try await pause(until: over)
        for socket in taken { close(socket) }
        await database.close()
    }
}

extension Socket {
    /// A connection that begins a session at PostgreSQL and says no more.
    fileprivate static func login(_ port: Int) -> Int32? {
        guard let socket = connect(to: port) else { return nil }
        let parameters = Array("user\0postgres\0database\0postgres\0\0".utf8)
        let length = UInt32(8 + parameters.count).bigEndian
        var message = withUnsafeBytes(of: length) { Array($0) } + [0, 3, 0, 0]
        message += parameters
        send(socket, message, message.count, Int32(MSG_NOSIGNAL))
        return socket
    }
}
