import Contract
import FoundationEssentials
import Testing

/// What is a readable body and what is not (contract, "Broker" and promise 2).
@Suite struct JSONObjectTests {
    @Test(arguments: [
        "{}", " \t\r\n{ } \n", #"{"a":1}"#, #"{"a":[1,{"b":[]},{}],"c":null}"#, #"{"a":1,"a":2}"#, #"{"":0}"#,
        #"{"a":1e400,"b":-0,"c":1.5E-7,"d":10000000000000000000000}"#, #"{"a":"\ud800","b":"\u0000\"\\\/\b\f\n\r\t"}"#,
        #"{"a":"𝒥"}"#, "{\"a\":\"\u{7F}\u{2028}\"}",
    ])
    func isReadable(_ text: String) {
        #expect(reason(body(text)) == nil)
    }

    @Test(arguments: [
        "", " ", "[]", "[{}]", "1", "null", "true", #""{}""#, "{", "}", "{}{}", "{} x", "{,}", #"{"a"}"#, #"{"a":}"#,
        #"{"a":1,}"#, #"{"a":[1,]}"#, #"{"a":[,1]}"#, #"{"a" 1}"#, #"{a:1}"#, #"{'a':1}"#, #"{1:1}"#, #"{"a":1 "b":2}"#,
        #"{"a":01}"#, #"{"a":+1}"#, #"{"a":.5}"#, #"{"a":1.}"#, #"{"a":1e}"#, #"{"a":1e+}"#, #"{"a":-}"#,
        #"{"a":0x1}"#, #"{"a":NaN}"#, #"{"a":Infinity}"#, #"{"a":tru}"#, #"{"a":truex}"#, #"{"a":True}"#, #"{"a":nul"#,
        #"{"a":"b}"#, #"{"a":"\x"}"#, #"{"a":"\u12"}"#, #"{"a":"\u12g4"}"#, #"{"a":"\"#, "{\"a\":\"\n\"}",
        "{\"a\":\"\t\"}", "{\"a\":\"\u{0}\"}", "{\u{0}}", "{}\u{0}", "{}\u{A0}", "\u{FEFF}{}", #"{"a":{"b":1]}"#,
        #"{"a":[1}}"#, #"{"a":[1}"#, #"{"a":[}"#, #"{"a":{"b"}}"#, #"{"a":{1}}"#, #"{"a":1} // x"#, #"{"a":/**/1}"#,
    ])
    func isNotOneJSONObject(_ text: String) {
        #expect(reason(body(text)) == .notJSONObject)
    }

    /// JSON readers that guess the encoding take these for objects.
    @Test func otherEncodingsAreRefused() {
        let text = #"{"request_id":"r"}"#
        for isBigEndian in [false, true] {
            let wide = text.utf16.flatMap { unit -> [UInt8] in
                let unit = isBigEndian ? unit.bigEndian : unit.littleEndian
                return [UInt8(truncatingIfNeeded: unit), UInt8(unit >> 8)]
            }
            #expect(reason(wide) == .notJSONObject)
            #expect(reason((isBigEndian ? [0xFE, 0xFF] : [0xFF, 0xFE]) + wide) == .notUTF8)
        }
        let wider = text.unicodeScalars.flatMap { scalar -> [UInt8] in
            [UInt8(truncatingIfNeeded: scalar.value), 0, 0, 0]
        }
        #expect(reason(wider) == .notJSONObject)
    }

    @Test(
        arguments: [
            [0xFF], [0x80], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE9],
        ] as [[UInt8]])
    func invalidUTF8IsRefused(_ bytes: [UInt8]) {
        #expect(reason(body(#"{"a":""#) + bytes + body(#""}"#)) == .notUTF8)
    }

    @Test func sizeIsLimitedToTheByte() {
        for filler in ["x", " "] {
            let frame = filler == "x" ? body(#"{"a":""}"#) : body("{}")
            let room = Contract.maximumBodySize - frame.count
            let largest =
                filler == "x"
                ? body(#"{"a":""#) + Array(repeating: 0x78, count: room) + body(#""}"#)
                : frame + Array(repeating: 0x20, count: room)
            #expect(largest.count == 65_536)
            #expect(reason(largest) == nil)
            #expect(reason(largest + [0x20]) == .tooLarge)
        }
        #expect(reason(Array(repeating: 0xFF, count: 65_537)) == .tooLarge)
    }

    @Test func nestingIsNoDanger() {
        let depth = 32_000
        let lists = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        #expect(reason(body(#"{"a":\#(lists)}"#)) == nil)
        #expect(reason(body(#"{"a":\#(lists.dropLast())}"#)) == .notJSONObject)
        let objects = String(repeating: #"{"a":"#, count: 10_000) + "0" + String(repeating: "}", count: 10_000)
        #expect(reason(body(objects)) == nil)
        #expect(reason(body(String(repeating: "{\"a\":", count: 13_000))) == .notJSONObject)
        #expect(reason(body(String(repeating: "[", count: 65_000))) == .notJSONObject)
    }

    @Test func membersAreFound() throws {
        let object = try JSON.object(body(#"{"a":1,"\u0062":"x","":true,"a":2,"n":null,"o":{"a":[1,"2",{}]}}"#))
        #expect(object["a"]?.integer == 2)
        #expect(object["b"]?.string == "x")
        #expect(object[""]?.bool == true)
        #expect(object["n"]?.isNull == true)
        #expect(object["missing"] == nil)
        #expect(object["o"]?.object?["a"]?.array?.map(\.integer) == [1, nil, nil])
        #expect(object["o"]?.array == nil)
        #expect(object["a"]?.object == nil)
    }

    @Test(arguments: [
        (#"\u00e9"#, "é"), (#"\ud835\udca5"#, "𝒥"), (#"\uD835\uDCA5x"#, "𝒥x"),
        (#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{C}\n\r\t"),
        (#"\u0000"#, "\0"), ("é𝒥", "é𝒥"), (#"\ud800"#, nil), (#"\udca5"#, nil), (#"\ud835x"#, nil), (#"\ud835\n"#, nil),
        (#"\ud835\ud835"#, nil), (#"\ud835\u0041"#, nil), (#"\udca5\ud835"#, nil),
    ])
    func stringsAreUnescaped(_ raw: String, _ expected: String?) throws {
        #expect(try JSON.object(body(#"{"a":"\#(raw)"}"#))["a"]?.string == expected)
    }

    @Test(
        arguments: [
            ("0", 0), ("-0", 0), ("0.0", 0), ("0e999999999999", 0), ("-0.0e-9", 0), ("9", 9), ("9.0", 9),
            ("9.000e0", 9),
            ("90e-1", 9), ("0.9e1", 9), ("0.0009E+4", 9), ("1e2", 100), ("-1.5e1", -15), ("9223372036854775807", .max),
            ("-9223372036854775808", .min), ("9.223372036854775807e18", .max), ("92233720368547758070e-1", .max),
            ("9223372036854775808", nil), ("-9223372036854775809", nil), ("9.5", nil), ("1e-1", nil), ("1e19", nil),
            ("1e400", nil), ("1e99999999999999999999", nil), ("1e-99999999999999999999", nil),
            ("9.0000000000000000000000000001", nil), ("true", nil), (#""9""#, nil), ("null", nil), ("[9]", nil),
            ("{}", nil),
        ] as [(String, Int64?)])
    func integersAreExact(_ raw: String, _ expected: Int64?) throws {
        #expect(try JSON.object(body(#"{"a":\#(raw)}"#))["a"]?.integer == expected)
    }

    /// Whatever arrives: no trap, and nothing is readable that Foundation's reader, which is laxer, refuses.
    @Test func garbageIsHarmless() {
        struct Nothing: Decodable {}
        var random = Seeded(state: 1)
        let sample = body(#"{"a":[1,-2.5e3,{"b":"\u00e9é"}],"c":true,"d":null,"e":"x\n"}"#)
        for _ in 0..<20_000 {
            var bytes = sample
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: index)
                default: bytes.insert(sample.randomElement(using: &random) ?? 0, at: index)
                }
            }
            if let object = try? JSON.object(bytes) {
                for name in ["a", "c", "d", "e"] {
                    _ = (object[name]?.string, object[name]?.array, object[name]?.integer)
                }
                #expect(throws: Never.self) { try JSONDecoder().decode(Nothing.self, from: Data(bytes)) }
            }
        }
    }
}
