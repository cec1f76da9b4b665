import Contract
import Testing

/// Values through JSON and back.
@Suite struct JSONCodingTests {
    struct Everything: Codable, Equatable {
        struct Inner: Codable, Equatable {
            var list: [Int?]
            var name: String
        }
        var text = "\"\\/\u{8}\u{C}\n\r\t\u{1}\u{1F}\u{7F} é𝒥\u{2028}"
        var yes = true
        var no = false
        var small: Int8 = -128
        var large: UInt64 = 9_223_372_036_854_775_807
        var negative = Int.min
        var fraction = 0.25
        var absent: String?
        var present: Int? = 5
        var inner = Inner(list: [1, nil, 3], name: "")
        var inners = [Inner(list: [], name: "a"), Inner(list: [2], name: "b")]
        var table = ["z": 1, "a": 2, "é": 3, "m": 4]
        var empty: [String: Int] = [:]
        var lists = [[1], [], [2, 3]]
        var time = Timestamp(milliseconds: 0)
    }

    struct Nothing: Codable {}

    @Test func everythingSurvives() throws {
        let value = Everything()
        #expect(try JSON.decode(Everything.self, from: JSON.encode(value)) == value)
        var changed = value
        changed.absent = "x"
        changed.present = nil
        #expect(try JSON.decode(Everything.self, from: JSON.encode(changed)) == changed)
    }

    @Test func encodingIsMinimalAndOrdered() {
        #expect(
            json(Everything())
                == #"{"text":"\"\\/\b\f\n\r\t\u0001\u001f\#u{7F} é𝒥\#u{2028}","yes":true,"no":false,"small":-128,"#
                + #""large":9223372036854775807,"negative":-9223372036854775808,"fraction":0.25,"present":5,"#
                + #""inner":{"list":[1,null,3],"name":""},"inners":[{"list":[],"name":"a"},{"list":[2],"name":"b"}],"#
                + #""table":{"a":2,"m":4,"z":1,"é":3},"empty":{},"lists":[[1],[],[2,3]],"time":"1970-01-01T00:00:00.000Z"}"#
        )
        #expect(json(Nothing()) == "{}")
        #expect(json([Int]()) == "[]")
        #expect(json("x") == #""x""#)
        #expect(json(Double.infinity) == "null")
    }

    @Test func dictionariesAreAlwaysInTheSameOrder() {
        for _ in 0..<50 {
            let names = (0..<30).map { "k\($0)" }.shuffled()
            let table = Dictionary(uniqueKeysWithValues: names.map { ($0, $0) })
            let expected = names.sorted().map { #""\#($0)":"\#($0)""# }.joined(separator: ",")
            #expect(json(table) == "{\(expected)}")
        }
    }

    /// Containers nested by hand, and two types that share one object.
    @Test func nestedContainersAreClosed() {
        enum Key: String, CodingKey { case a, b, c, d }
        struct Base: Encodable {
            let a = 1
        }
        struct Nested: Encodable {
            func encode(to encoder: any Encoder) throws {
                try Base().encode(to: encoder)
                var container = encoder.container(keyedBy: Key.self)
                var inner = container.nestedContainer(keyedBy: Key.self, forKey: .b)
                try inner.encode(1, forKey: .a)
                var list = inner.nestedUnkeyedContainer(forKey: .b)
                try list.encode(Base())
                var object = list.nestedContainer(keyedBy: Key.self)
                try object.encodeNil(forKey: .d)
                try list.encodeNil()
                try container.encode([Base()], forKey: .c)
                try container.encode(false, forKey: .d)
            }
        }
        #expect(json([Nested()]) == #"[{"a":1,"b":{"a":1,"b":[{"a":1},{"d":null},null]},"c":[{"a":1}],"d":false}]"#)
    }

    struct Small: Codable {
        var a: Int
        var b: String?
        var c: [Bool]?
    }

    @Test(arguments: [
        #"{"a":1}"#, #"{"a":1,"b":null,"c":null,"x":{}}"#, #"{"a":1.0,"b":"","c":[true]}"#, #"{"a":"x","a":1}"#,
    ])
    func decodes(_ text: String) throws {
        #expect(try JSON.decode(Small.self, from: body(text)).a == 1)
    }

    @Test(arguments: [
        ("{}", "a: "), (#"{"a":null}"#, "a: "), (#"{"a":true}"#, "a: "), (#"{"a":1.5}"#, "a: "),
        (#"{"a":1,"b":2}"#, "b: "),
        (#"{"a":1,"c":{}}"#, "c: "), (#"{"a":1,"c":[1]}"#, "c: "), (#"{"a":1,"a":"x"}"#, "a: "),
        (#"{"a":1,"b":"\ud800"}"#, "b: "),
    ])
    func namesTheWrongField(_ text: String, _ start: String) {
        let error = #expect(throws: Unreadable.self) { try JSON.decode(Small.self, from: body(text)) }
        #expect(error?.reason == .unexpectedFields)
        #expect(error?.detail.hasPrefix(start) == true)
    }

    @Test func decodingChecksTheBodyFirst() {
        for text in ["[]", "", #"{"a":1,}"#] {
            let error = #expect(throws: Unreadable.self) { try JSON.decode(Small.self, from: body(text)) }
            #expect(error?.reason == .notJSONObject)
        }
    }
}
