import Contract
import Testing

@testable import Bookings

@Suite struct CSVTests {
    /// The records of a text that comes in pieces of so many bytes.
    private func records(_ text: String, piece: Int = .max) -> [CSVScanner.Record] {
        var (scanner, rest, records) = (CSVScanner(), Array(text.utf8)[...], [CSVScanner.Record]())
        while !rest.isEmpty {
            records += scanner.take(Array(rest.prefix(piece)), isLast: false)
            rest = rest.dropFirst(piece)
        }
        return records + scanner.take([], isLast: true)
    }

    private func texts(_ text: String, piece: Int = .max) -> [[String]] {
        records(text, piece: piece).map { $0.fields.map { String(decoding: $0, as: UTF8.self) } }
    }

    @Test(arguments: [1, 2, 3, 7, .max]) func everyPieceSizeReadsTheSame(piece: Int) {
        let text = "a,b\r\n\"x \"\"y\"\", z\",\"1\r\n2\"\r\n\n,\n\"\",é\r\nlast,\"\""
        let expected = [["a", "b"], ["x \"y\", z", "1\r\n2"], ["", ""], ["", "é"], ["last", ""]]
        #expect(texts(text, piece: piece) == expected)
        #expect(records(text, piece: piece).map(\.line) == [1, 2, 5, 6, 7])
    }

    @Test func theFirstSeparatorIsThatOfTheFile() {
        #expect(texts("a;b\n1,5;2\n") == [["a", "b"], ["1,5", "2"]])
        #expect(texts("a\tb\n;\t,\n") == [["a", "b"], [";", ","]])
    }

    @Test(arguments: [1, 5, .max]) func aBadRecordCostsOneLine(piece: Int) {
        let text = "a,b\n\"open,1\nx,2\n\"y\" z,3\nq\"q,4\nw,5\n\"never,6\nv,7\n"
        let found = records(text, piece: piece)
        #expect(found.filter { $0.problem != nil }.map(\.line) == [2, 4, 5, 7])
        #expect(found.filter { $0.problem == nil }.map(\.line) == [1, 3, 6, 8])
    }

    @Test func aRecordThatNeverEndsIsGivenUp() {
        let text = "a,b\n\"" + String(repeating: "x", count: 200_000) + "\nc,d\n"
        let found = records(text, piece: 65_536)
        #expect(found.map(\.line) == [1, 2, 3])
        #expect(found[1].problem != nil)
    }

    @Test func headersAreChecked() throws {
        func failure(_ text: String) -> String? {
            var columns = ImportColumns()
            do throws(ImportFailure) { _ = try columns.take(Array(text.utf8), isLast: true) } catch {
                #expect(error.status == 65)
                return error.message
            }
            return nil
        }
        let required = "email,passenger_name,destination, passenger_age "
        #expect(failure(required + "\n") == nil)
        #expect(failure("") == nil)
        #expect(failure(required + ",pet,nmae\n")?.contains("unknown columns 'pet', 'nmae'") == true)
        #expect(failure(required + ",email\n")?.contains("twice") == true)
        #expect(failure("email,destination\n")?.contains("no column passenger_name, passenger_age") == true)
    }

    @Test func valuesBecomeJSON() throws {
        var columns = ImportColumns()
        let text =
            "passenger_name,passenger_age,email,destination,has_pet,has_promotion,flight_id\n"
            + "Ana, 9 ,a@x.co,Cali,SÍ,,\nAna,x,a@x.co,Cali,2,no,F1\nAna,9\n"
        let records = try columns.take(Array(text.utf8), isLast: true)
        func object(_ json: String) -> ImportRecord.Content { .object(Array(json.utf8)) }
        let ana = #""email":"a@x.co","has_pet":true,"passenger_age":9,"passenger_name":"Ana"}"#
        #expect(records[0].content == object(#"{"destination":"Cali","# + ana))
        let bad = #""flight_id":"F1","has_pet":"2","has_promotion":false,"passenger_age":"x","passenger_name":"Ana"}"#
        #expect(records[1].content == object(#"{"destination":"Cali","email":"a@x.co","# + bad))
        #expect(records[2].content == .problem("it has 2 values for 7 columns"))
    }
}
