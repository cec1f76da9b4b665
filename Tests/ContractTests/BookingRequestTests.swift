import Contract
import Testing

/// The rules for a booking.request, on both sides of each limit (contract, "Broker" and "Commands").
@Suite struct BookingRequestTests {
    /// Quotes a text for JSON.
    static func quoted(_ text: String) -> String { json(text) }

    static func long(_ text: String, _ count: Int) -> String { quoted(String(repeating: text, count: count)) }

    @Test func theContractsExampleIsValid() throws {
        let text = #"""
            {"request_id": "3f0c1c5e-1", "passenger_name": "Juan Pérez", "passenger_age": 9, "email": "juan@example.com",
             "destination": "San Andrés", "has_pet": true, "has_promotion": false, "flight_id": "AV9301-2026-12-01",
             "expires_at": "2026-11-21T10:00:00Z"}
            """#
        let expected = BookingRequest(
            requestID: "3f0c1c5e-1", passengerName: "Juan Pérez", passengerAge: 9, email: "juan@example.com",
            destination: "San Andrés", hasPet: true, flightID: "AV9301-2026-12-01",
            expiresAt: Timestamp("2026-11-21T10:00:00Z"))
        #expect(try BookingRequest.read(body(text)) == .valid(expected))
        #expect(try BookingRequest.read(JSON.encode(expected)) == .valid(expected))
    }

    @Test func whatIsOptionalHasDefaults() throws {
        for raw in [nil, "null"] as [String?] {
            let request = try validRequest([
                "has_pet": raw, "has_promotion": raw, "flight_id": raw, "expires_at": raw,
            ])
            #expect(!request.hasPet && !request.hasPromotion && request.flightID == nil && request.expiresAt == nil)
        }
    }

    @Test(arguments: ["a", "A-Z_a.z-0", "...", String(repeating: "9", count: 64)])
    func usableRequestIDs(_ requestID: String) throws {
        #expect(try validRequest(["request_id": Self.quoted(requestID)]).requestID == requestID)
    }

    @Test(
        arguments: [
            nil, "null", "1", "true", "[]", "{}", #""""#, #"" ""#, #""a b""#, #""a/b""#, #""é""#, #""a\u0000""#,
            #""a\n""#,
            #""\ud800""#, #""٣""#, long("9", 65),
        ] as [String?])
    func unusableRequestIDs(_ raw: String?) {
        let error = #expect(throws: Unreadable.self) { try BookingRequest.read(requestBody(["request_id": raw])) }
        #expect(error?.reason == .noRequestID)
        let cancel = #expect(throws: Unreadable.self) { try BookingCancel.read(requestBody(["request_id": raw])) }
        #expect(cancel?.reason == .noRequestID)
    }

    @Test(arguments: ["[]", "", "null", "{", #"{"request_id":"r",}"#])
    func unreadableBodies(_ text: String) {
        let error = #expect(throws: Unreadable.self) { try BookingRequest.read(body(text)) }
        #expect(error?.reason == .notJSONObject)
    }

    @Test(arguments: [
        ("passenger_name", #""x""#), ("passenger_name", #"" ""#), ("passenger_name", long("x", 200)),
        ("passenger_name", long("𝒥", 200)), ("passenger_name", long("e\u{301}", 100)),
        ("passenger_name", #""\ud835\udca5""#), ("passenger_name", #""\u0001\n""#),
        ("passenger_age", "0"), ("passenger_age", "-0"), ("passenger_age", "-0.0"), ("passenger_age", "130"),
        ("passenger_age", "9.0"), ("passenger_age", "1e2"), ("passenger_age", "1.3E+2"), ("passenger_age", "130.000"),
        ("passenger_age", "0e400"), ("email", #""a@b""#), ("email", #""A@B""#), ("email", #""a b@c d""#),
        ("email", #""a\n@b""#), ("email", #""é@ñ""#), ("email", long("x", 252).replacing("x\"", with: "x@b\"")),
        ("email", #""  a@b\t\n""#), ("destination", #""x""#), ("destination", long("x", 100)),
        ("destination", long("𝒥", 100)), ("destination", long("e\u{301}", 50)), ("has_pet", "true"),
        ("has_pet", "false"), ("has_promotion", "true"), ("flight_id", #""x""#), ("flight_id", long("é", 100)),
        ("expires_at", #""2026-11-21T10:00:00Z""#), ("expires_at", #""2026-11-21t10:00:00.123456-05:00""#),
        ("unknown", #"[{"x":1e400,"y":"\ud800"}]"#),
    ])
    func validFields(_ field: String, _ raw: String) throws {
        _ = try validRequest([field: raw])
    }

    @Test(
        arguments: [
            ("passenger_name", nil), ("passenger_name", "null"), ("passenger_name", #""""#), ("passenger_name", "1"),
            ("passenger_name", "[]"), ("passenger_name", long("x", 201)), ("passenger_name", long("𝒥", 201)),
            ("passenger_name", long("e\u{301}", 101)), ("passenger_name", #""a\u0000b""#),
            ("passenger_name", #""\ud800""#),
            ("passenger_age", nil), ("passenger_age", "null"), ("passenger_age", "-1"), ("passenger_age", "131"),
            ("passenger_age", "true"), ("passenger_age", #""9""#), ("passenger_age", "9.5"), ("passenger_age", "1e400"),
            ("passenger_age", "1e-400"), ("passenger_age", "9.00000000000000000001"), ("passenger_age", "[9]"),
            ("passenger_age", "18446744073709551625"), ("passenger_age", "130.5"), ("passenger_age", "-0.5"),
            ("email", nil), ("email", "null"), ("email", #""""#), ("email", #""@""#), ("email", #""a@""#),
            ("email", #""@b""#),
            ("email", #""a""#), ("email", #""a@b@c""#), ("email", #""a@@b""#), ("email", #""  @b""#),
            ("email", #""a@  ""#),
            ("email", #""a@b\u0000""#), ("email", long("x", 253).replacing("x\"", with: "x@b\"")), ("email", "1"),
            ("email", #""   ""#), ("destination", nil), ("destination", "null"), ("destination", #""""#),
            ("destination", long("x", 101)), ("destination", long("e\u{301}", 51)), ("destination", #""a\u0000""#),
            ("destination", "7"), ("has_pet", "1"), ("has_pet", #""true""#), ("has_pet", "0.0"), ("has_pet", "{}"),
            ("has_promotion", "0"), ("has_promotion", #""false""#), ("flight_id", #""""#), ("flight_id", "9301"),
            ("flight_id", long("x", 101)), ("flight_id", #""\u0000""#), ("expires_at", #""2026-11-21""#),
            ("expires_at", #""2026-11-21T10:00:00""#), ("expires_at", "1795000000"), ("expires_at", #""""#),
            ("expires_at", #""2026-02-29T10:00:00Z""#),
        ] as [(String, String?)])
    func invalidFields(_ field: String, _ raw: String?) throws {
        let invalid = try invalidRequest([field: raw])
        #expect(invalid.problems.map(\.field) == [field])
        #expect(invalid.requestID == "r-1")
        let kept = [
            "passenger_name": invalid.passengerName != nil, "passenger_age": invalid.passengerAge != nil,
            "email": invalid.email != nil, "destination": invalid.destination != nil,
            "has_pet": invalid.hasPet != nil, "has_promotion": invalid.hasPromotion != nil,
        ]
        for (name, isKept) in kept { #expect(isKept == (name != field), "\(name)") }
    }

    @Test func everyProblemIsReportedInOrder() throws {
        let fields = [
            "passenger_name", "passenger_age", "email", "destination", "has_pet", "has_promotion", "flight_id",
            "expires_at",
        ]
        let invalid = try invalidRequest(Dictionary(uniqueKeysWithValues: fields.map { ($0, "[1]") }))
        #expect(invalid.problems.map(\.field) == fields)
        for problem in invalid.problems {
            #expect(problem.problem.hasPrefix("must be ") && problem.problem.count < 120)
        }
        #expect(try invalidRequest(["email": nil]).problems == [Problem(field: "email", problem: "is missing")])
        #expect(
            try invalidRequest(["email": "null"]).problems == [Problem(field: "email", problem: "must not be null")])
    }

    @Test func fieldsAreNormalised() throws {
        let request = try validRequest([
            "email": #""\u00a0 Juan@Example.COM\n""#, "destination": #""San Andre\u0301s""#,
            "passenger_name": #""Jose\u0301 ""#,
        ])
        #expect(request.email == "Juan@Example.COM")
        #expect(request.customerKey == "juan@example.com")
        #expect(Array(request.destination.utf8) == Array("San Andr\u{E9}s".utf8))
        #expect(Array(request.passengerName.utf8) == Array("Jose\u{301} ".utf8))
    }

    @Test(arguments: [
        ("\u{212B}", "\u{C5}"), ("q\u{307}\u{323}", "q\u{323}\u{307}"), ("\u{1112}\u{1161}\u{11AB}", "\u{D55C}"),
        ("\u{958}", "\u{915}\u{93C}"), ("\u{1D15E}", "\u{1D157}\u{1D165}"), ("Bogot\u{E1}", "Bogot\u{E1}"),
        ("\u{344}", "\u{308}\u{301}"), ("i\u{307}", "i\u{307}"), ("\u{FB01}", "\u{FB01}"), ("e\u{301}", "\u{E9}"),
    ])
    func destinationsAreInNFC(_ sent: String, _ expected: String) throws {
        let request = try validRequest(["destination": Self.quoted(sent)])
        #expect(Array(request.destination.unicodeScalars) == Array(expected.unicodeScalars))
    }

    @Test func theLastOfTwoMembersCounts() throws {
        let text = #"{"request_id":"a","passenger_name":"x","passenger_age":1,"email":"a@b","destination":"d","#
        guard case .valid(let request) = try BookingRequest.read(body(text + #""request_id":"b","passenger_age":2}"#))
        else {
            Issue.record("invalid")
            return
        }
        #expect(request.requestID == "b" && request.passengerAge == 2)
    }
}
