import Client
import Contract
import Foundation
import Support
import Testing

/// RabbitMQ and PostgreSQL behind TLS, with certificates of a private authority, which they want of their clients, too.
@Suite("TLS", .enabled(if: TestEnvironment.hasServers, "\(TestEnvironment.hint)"), .serialized)
struct TLSTests {
    /// The servers, a system at them, and what its services are told.
    private struct Place {
        let folder: String
        let authority: Authority
        let machines: PrivateServers
        let system: TestSystem

        /// The settings of services.
        /// - Parameters:
        ///   - host: by which the servers are known.
        ///   - authority: the folder of the one that is trusted.
        ///   - certificate: the file of the service's own, without `.pem`, where it has one.
        func settings(
            host: String = "localhost", authority: String = "authority", certificate: String? = "client"
        ) -> [String: String] {
            let servers = machines.servers
            var all = [
                "AMQP_URL": "amqps://guest:guest@\(host):\(servers.amqpsPort)/\(system.name)",
                "DATABASE_URL":
                    "postgres://postgres@\(host):\(servers.postgresPort)/\(system.name)?sslmode=verify-full",
                "TLS_CA_FILE": "\(folder)/\(authority)/ca.pem",
            ]
            if let certificate {
                all["TLS_CERT_FILE"] = "\(folder)/\(certificate).pem"
                all["TLS_KEY_FILE"] = "\(folder)/\(certificate).key"
            }
            return all
        }
    }

    private static func with(_ name: String, _ body: (Place) async throws -> Void) async throws {
        let folder = TestEnvironment.folder + "/\(name)-files"
        let authority = try await Authority(in: folder + "/authority")
        _ = try await Authority(in: folder + "/stranger")
        try await authority.certify("client", in: folder)
        let machines = try await PrivateServers(name, authority: authority)
        var failure: (any Error)?
        do {
            let system = try await TestSystem(servers: machines.servers)
            do {
                try await body(Place(folder: folder, authority: authority, machines: machines, system: system))
            } catch { failure = error }
            await system.stop()
        } catch { failure = error }
        await machines.stop()
        try? FileManager.default.removeItem(atPath: folder)
        if let failure { throw failure }
    }

    private func book(_ system: TestSystem) async throws {
        let request = SampleRequest()
        let outcome = try await system.client.request(request.body, requestID: request.id, timeout: .seconds(60))
        #expect(String(decoding: outcome, as: UTF8.self).contains("confirmed"))
    }

    @Test("services work over it, and again when their connections were broken", .timeLimit(.minutes(15)))
    func working() async throws {
        try await Self.with("tls") { place in
            let system = place.system
            for service in ["booking-intake", "pricing"] { try system.start(service, environment: place.settings()) }
            try await system.ready()
            try await book(system)
            let plain = try await system.stored(
                """
                SELECT count(*) FROM pg_stat_activity JOIN pg_stat_ssl USING (pid)
                WHERE application_name = 'booking-intake' AND NOT ssl
                """)
            #expect(plain == 0)
            let pricing = try #require(system.replicas(of: "pricing").first)
            // Without a goodbye.
            try await place.machines.rabbitmqctl([
                "eval", "[exit(Reader, kill) || Reader <- rabbit_networking:connections()].",
            ])
            try await eventually("they are lost") { pricing.logged.contains("no connection") }
            try await book(system)
            try await place.machines.act("kill", "postgres")
            try await place.machines.act("start", "postgres")
            try await book(system)
            try await system.ready()

            let cli = try await run(
                TestEnvironment.binaries + "/bookings", ["destination", "list"], environment: place.settings())
            #expect(cli.status == 0, "\(cli.errors)")
            let management = "https://guest:guest@localhost:\(place.machines.servers.adminTLSPort)"
            func doctor(_ settings: [String: String]) async throws -> (status: Int32, errors: String) {
                let done = try await run(
                    TestEnvironment.binaries + "/dead-letter", ["doctor", "--url", management, "--json"],
                    environment: settings.merging(["FAST_RETRY": "1"]) { $1 })
                return (done.status, done.errors)
            }
            // Some services don't run, which it finds.
            #expect(try await doctor(place.settings()).status == 1)
            let refused = try await doctor(place.settings(authority: "stranger"))
            #expect(refused.status == 4)
            #expect(refused.errors.contains("localhost") && refused.errors.contains("TLS_CA_FILE"))
        }
    }

    @Test("a certificate that can't be trusted is refused with a line that names setting and server")
    func refused() async throws {
        try await Self.with("tls-refused") { place in
            let system = place.system
            let (amqp, sql) = (place.machines.servers.amqpsPort, place.machines.servers.postgresPort)
            func refuses(_ settings: [String: String], _ service: String, _ parts: String...) async throws {
                let process = try system.start(service, environment: settings)
                try await eventually("\(parts) in the log: \(process.logged.suffix(600))", within: 20) {
                    process.logged.split(separator: "\n").contains { line in parts.allSatisfy { line.contains($0) } }
                }
                let ready = try await process.get("readyz")
                #expect(ready.status == 503)
                #expect(parts.allSatisfy { ready.body.contains($0) }, "\(ready.body)")
                process.signal(SIGTERM)
                #expect(await process.end() == 0)
            }
            let stranger = place.settings(authority: "stranger")
            try await refuses(stranger, "pricing", "localhost:\(amqp)", "signed by no authority of TLS_CA_FILE")
            try await refuses(stranger, "booking-intake", "localhost", sql, "signed by no authority of TLS_CA_FILE")
            let elsewhere = place.settings(host: "127.0.0.1")
            try await refuses(elsewhere, "pricing", "127.0.0.1:\(amqp)", "another host than AMQP_URL says")
            try await refuses(elsewhere, "booking-intake", "127.0.0.1", "does not match host name", "DATABASE_URL")
            let unknown = place.settings(certificate: nil)
            try await refuses(unknown, "pricing", "localhost:\(amqp)", "TLS_CERT_FILE")
            try await refuses(unknown, "booking-intake", "localhost", sql, "TLS_CERT_FILE")

            try await place.authority.certify("server", in: place.machines.folder + "/tls", days: -1)
            for server in ["rabbitmq", "postgres"] {
                try await place.machines.act("stop", server)
                try await place.machines.act("start", server)
            }
            try await refuses(place.settings(), "pricing", "localhost:\(amqp)", "out of date", "TLS_CA_FILE")
            try await refuses(place.settings(), "booking-intake", "localhost", sql, "out of date", "TLS_CA_FILE")
        }
    }

    @Test(
        "a file that can't be read, or whose other half is missing, ends the service with status 78",
        arguments: [
            ("pricing", "TLS_CA_FILE", "/no/such/file"), ("stats", "TLS_CERT_FILE", "/no/such/file"),
            ("booking-intake", "TLS_KEY_FILE", "/dev/null"),
        ])
    func files(service: String, variable: String, value: String) async throws {
        let system = try await TestSystem()
        let process = try system.start(service, environment: [variable: value])
        #expect(await process.end() == 78)
        #expect(process.logged.split(separator: "\n").count == 1)
        #expect(process.logged.contains(value == "/dev/null" ? "TLS_CERT_FILE" : variable))
        await system.stop()
    }
}
