import Foundation
import Support
import Testing

/// What probes are told.
@Suite("Operations port", .enabled(if: TestEnvironment.hasServers, "\(TestEnvironment.hint)"))
struct OperationsTests {
    @Test("answers any version of HTTP, whole, and closes the connection then")
    func versions() async throws {
        try await TestSystem.with(["pricing"]) { system in
            let pricing = try #require(system.replicas(of: "pricing").first)
            for request in [
                "GET /readyz HTTP/1.0\r\n\r\n", "GET /readyz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
                "GET /readyz HTTP/1.1\r\nHost: h\r\n\r\n",
                "GET /readyz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
            ] {
                let answer = try #require(try await pricing.exchange(request), "\(request) was not closed")
                #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
                #expect(answer.lowercased().contains("\r\nconnection: close\r\n"))
                #expect(answer.hasSuffix("\r\n\r\nready\n"))
            }
            let metrics = try #require(try await pricing.exchange("GET /metrics HTTP/1.0\r\n\r\n"))
            let parts = metrics.components(separatedBy: "\r\n\r\n")
            #expect(parts[0].lowercased().contains("content-length: \(parts[1].utf8.count)"))
            #expect(try await pricing.exchange("GET /nothing HTTP/1.0\r\n\r\n")?.hasPrefix("HTTP/1.1 404") == true)
        }
    }

    @Test("tells that PostgreSQL is away, or frozen, also while there is nothing to do")
    func idle() async throws {
        let own = try await PrivateServers("idle")
        do {
            let system = try await TestSystem(servers: own.servers)
            do { try await idle(system, own) } catch {
                await system.stop()
                throw error
            }
            await system.stop()
        } catch {
            await own.stop()
            throw error
        }
        await own.stop()
    }

    private func idle(_ system: TestSystem, _ own: PrivateServers) async throws {
        let intake = try system.start("booking-intake")
        try await system.ready()
        for (breaking, mending) in [("pause", "resume"), ("kill", "start")] {
            try await own.act(breaking, "postgres")
            try await eventually("it is not ready after \(breaking)") {
                let ready = try await intake.get("readyz")
                return ready.status == 503 && ready.body.contains("PostgreSQL: ")
            }
            #expect(try await intake.get("livez").status == 200)
            try await own.act(mending, "postgres")
            try await system.ready()
        }
    }
}
