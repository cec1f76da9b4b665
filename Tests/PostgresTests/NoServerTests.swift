import Glibc
import Testing

@testable import Postgres

@Suite("Without a server")
struct NoServerTests {
    @Test("A refused connection is a server that is away")
    func nobodyListens() async throws {
        let db = PostgresConnection(url: "postgres://127.0.0.1:1/none", applicationName: "tests")
        let error = await #expect(throws: PostgresError.self) { try await db.query("SELECT 1") }
        #expect(error?.code == .connectionLost)
        #expect(error?.isDependencyAway == true)
    }

    @Test("A server that accepts and says nothing is given up")
    func silent() async throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { _ = Glibc.close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 1) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        #expect(isListening)
        let db = PostgresConnection(
            url: "postgres://127.0.0.1:\(UInt16(bigEndian: address.sin_port))/none", applicationName: "tests",
            statementLimit: .seconds(1), connectSeconds: 2)
        let duration = await ContinuousClock().measure {
            let error = await #expect(throws: PostgresError.self) { try await db.query("SELECT 1") }
            #expect(error?.isDependencyAway == true)
        }
        #expect(duration < .seconds(60))
    }

    @Test(
        "SQLSTATEs of a server that is away",
        arguments: ["08006", "28P01", "3D000", "53300", "57P01", "57P03", "58030", "25006"])
    func away(_ state: String) {
        #expect(PostgresError(.server(sqlState: state), "").isDependencyAway)
    }

    @Test("SQLSTATEs of a wrong statement", arguments: ["22P02", "23505", "42601", "40001", "25P02", "55000", "P0001"])
    func notAway(_ state: String) {
        #expect(!PostgresError(.server(sqlState: state), "").isDependencyAway)
    }
}
