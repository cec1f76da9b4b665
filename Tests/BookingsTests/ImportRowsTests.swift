import Contract
import Testing

@testable import Bookings

@Suite struct ImportRowsTests {
    private let ana = #""passenger_name":"Ana","passenger_age":9,"email":"ana@example.com","destination":"Cali""#

    private func items(_ lines: [String], batch: String = "") throws -> [ImportItem] {
        var (format, rows) = (ImportLines(), ImportRows(batch: batch))
        return try format.take(Array(lines.joined(separator: "\n").utf8), isLast: true).map { rows.take($0) }
    }

    private func ids(_ lines: [String], batch: String = "") throws -> [String] {
        try items(lines, batch: batch).compactMap { if case .row(let row) = $0 { row.request.requestID } else { nil } }
    }

    /// Whoever imports a file again after an update must get the same ids, or everything is booked twice.
    @Test func idsNeverChange() throws {
        let ids = try ids(["{\(ana)}", "{\(ana)}", "{\(ana),\"has_pet\":true,\"flight_id\":\"F1\"}"])
        #expect(
            ids == [
                "import-a35f6a440f479b7d24508bca1457238c", "import-e6d898b0a7479b826591df4ad7db176d",
                "import-8bf586f32c90d27f4c471d7f55e7e83d",
            ])
        #expect(ids.allSatisfy { $0.utf8.count == 39 })
        var hash = ImportHash()
        #expect(hash.digits == "6c62272e07bb014262b821756295c58d")
        hash.add(nil)
        #expect(hash.digits == "d228cb68f51a8caf78912b704e49f346")
    }

    @Test func idsAreOfWhatTheRowSays() throws {
        let first = try ids(["{\(ana)}"])
        let spelt =
            #"{ "request_id":null, "destination":"Cali","email":" ANA@example.com ","passenger_age":9.0,"#
            + #""has_pet":false,"passenger_name":"Ana" } "#
        #expect(try ids(["", spelt]) == first)
        #expect(try ids(["{\(ana),\"has_pet\":true}", "{\(ana)}"])[1] == first[0])
        #expect(try ids(["{\(ana)}"], batch: "2") != first)
    }

    @Test func oneIDIsForOneRequest() throws {
        let found = try items([
            "{\(ana),\"request_id\":\"a\"}", "{\(ana),\"request_id\":\"a\",\"has_pet\":false}",
            "{\(ana),\"request_id\":\"a\",\"has_pet\":true}",
        ])
        guard case .row(let row) = found[0], case .repeated(2, "a", 1) = found[1], case .problem(3, "a", _) = found[2]
        else {
            Issue.record("\(found)")
            return
        }
        #expect(row.hasOwnID && row.request.requestID == "a")
    }

    @Test func problemsNameTheirLine() throws {
        let long = String(repeating: "x", count: 70_000)
        let found = try items(["{}", "", "[1]", "{\(ana),\"request_id\":\"a b\"}", long, "{\(ana)}"])
        let lines = found.compactMap { if case .problem(let line, _, _) = $0 { line } else { nil } }
        #expect(lines == [1, 3, 4, 5])
        #expect(found.count == 5)
    }
}
