import Contract
import Testing

/// Which twins have the contents of the first request.
@Suite struct ContentHashTests {
    /// Stored with bookings: if this fails, the twins of old bookings are no longer recognised.
    @Test func neverChanges() throws {
        let request = BookingRequest(
            requestID: "3f0c1c5e", passengerName: "Juan Pérez", passengerAge: 9, email: "juan@example.com",
            destination: "San Andrés", hasPet: true, hasPromotion: false, flightID: "AV9301-2026-12-01",
            expiresAt: Timestamp("2026-11-21T10:00:00Z"))
        #expect(request.contentHash == 5_719_680_219_226_302_996)
        #expect(try validRequest().contentHash == -1_256_577_359_640_031_887)
        let invalid = try invalidRequest(["passenger_age": "9.5", "email": #""x""#])
        #expect(invalid.contentHash == 8_417_517_757_024_239_070)
    }

    /// The same algorithm once more, written for this test.
    @Test func isFNV1a() throws {
        var bytes: [UInt8] = []
        func add(_ text: String) {
            bytes += [1] + [UInt8(text.utf8.count), 0, 0, 0, 0, 0, 0, 0] + Array(text.utf8)
        }
        for text in ["Juan Pérez", "9", "juan@example.com", "San Andrés", "false", "false"] { add(text) }
        bytes += [0, 0]
        let hash = bytes.reduce(14_695_981_039_346_656_037 as UInt64) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
        #expect(try validRequest().contentHash == Int64(bitPattern: hash))
    }

    @Test(
        arguments: [
            ["request_id": #""another""#], ["passenger_age": "9.0"], ["passenger_age": "0.9e1"],
            ["email": #"" JUAN@Example.com ""#], ["has_pet": "false"], ["has_pet": "null", "flight_id": "null"],
            ["unknown": "1"], ["destination": #""San Andre\u0301s""#], ["passenger_name": #""Juan P\u00e9rez""#],
        ] as [[String: String?]])
    func otherSpellingsOfTheSame(_ replaced: [String: String?]) throws {
        #expect(try validRequest(replaced).contentHash == validRequest().contentHash)
    }

    @Test(
        arguments: [
            ["passenger_age": "10"], ["passenger_name": #""Juan Perez""#], ["email": #""ana@example.com""#],
            ["destination": #""San andrés""#], ["has_pet": "true"], ["has_promotion": "true"], ["flight_id": #""x""#],
            ["expires_at": #""2026-11-21T10:00:00Z""#], ["passenger_name": #""Juan Pérez ""#],
        ] as [[String: String?]])
    func otherContents(_ replaced: [String: String?]) throws {
        #expect(try validRequest(replaced).contentHash != validRequest().contentHash)
    }

    @Test func sameTimeWithAnotherOffset() throws {
        let utc = try validRequest(["expires_at": #""2026-11-21T10:00:00Z""#])
        let bogota = try validRequest(["expires_at": #""2026-11-21T05:00:00.0-05:00""#])
        #expect(utc.contentHash == bogota.contentHash)
    }

    /// Fields can't run into each other.
    @Test func fieldsAreDelimited() throws {
        let one = try validRequest(["flight_id": #""1""#])
        let other = try validRequest(["flight_id": nil, "expires_at": #""1970-01-01T00:00:00.001Z""#])
        #expect(one.contentHash != other.contentHash)
    }

    @Test(arguments: [
        (#"{"a": [1, "x y"]}"#, #"{"a":[1,"x y"]}"#), ("9.5", "9.50e0"), ("1e400", "10e399"), (#""""#, #""""#),
        (#""\u0000""#, #""\u0000""#), ("null", "null"), (#"["\" ]"]"#, #"[ "\" ]" ]"#),
    ])
    func otherSpellingsOfTheSameInvalidValue(_ one: String, _ other: String) throws {
        let hash = try invalidRequest(["passenger_name": one]).contentHash
        #expect(try invalidRequest(["passenger_name": other]).contentHash == hash)
        #expect(try invalidRequest(["passenger_name": other, "email": #""JUAN@example.com""#]).contentHash == hash)
    }

    @Test func invalidValuesAreToldApart() throws {
        let values = [
            nil, "null", "true", "false", "1", "-1", "10", "1.5", #""""#, #""\u0000""#, #""\ud800""#, #""\ud801""#,
            "[]",
            "{}", "[1]", #"["1"]"#, #"["a b"]"#, #"["ab"]"#,
        ]
        let hashes = try values.map { try invalidRequest(["passenger_name": $0]).contentHash }
        #expect(Set(hashes).count == values.count)
        #expect(!hashes.contains(try validRequest().contentHash))
    }
}
