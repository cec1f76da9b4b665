import Testing

@testable import Contract

@Suite struct LetterQuestionTests {
    @Test func whatIsWrittenIsRead() throws {
        var question = LetterQuestion()
        question.selection.ids = ["9abe5317cd6b4fa1"]
        question.selection.queue = "stats.events"
        question.selection.since = Timestamp("2026-11-21T10:00:00Z")
        question.selection.status = .discarded
        question.by = "Ana"
        question.pace = .all
        question.rate = 50
        question.dryRun = true
        #expect(try LetterQuestion.read(JSON.encode(question)) == question)
        #expect(try LetterQuestion.read(Array("{}".utf8)) == LetterQuestion())
    }

    @Test(
        arguments: [
            (#"{"ids": ["x"]}"#, "ids"), (#"{"status": "lost"}"#, "status"), (#"{"limit": 0}"#, "limit"),
            (#"{"by": ""}"#, "by"), (#"{"rate": 0}"#, "rate"), (#"{"pace": "slow"}"#, "pace"), (#"{"id": "1"}"#, "id"),
            (#"{"since": "now"}"#, "since"), (#"{"after": -1}"#, "after"),
        ])
    func whatIsWrongIsNamed(body: String, field: String) {
        do throws(CommandError) {
            _ = try LetterQuestion.read(Array(body.utf8))
            Issue.record("it was read")
        } catch {
            guard case .invalid(let problems) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(problems.map(\.field) == [field])
        }
    }

    @Test(arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")])
    func base64IsThatOfTheRFC(text: String, encoded: String) {
        #expect(Base64.encode(Array(text.utf8)) == encoded)
        #expect(Base64.decode(encoded) == Array(text.utf8))
    }

    @Test(arguments: ["Zg", "Zg=", "Z===", "Zm9v!A=="])
    func whatIsNoBase64IsRefused(text: String) { #expect(Base64.decode(text) == nil) }

    @Test func oneFieldIsSetAndTheOthersStayAsTheyAre() throws {
        let body = Array(#"{ "a": 1.0, "b":"\u0041", "c" : [1, {"d":2}] }"#.utf8)
        func set(_ name: String, _ value: String) throws -> String {
            String(decoding: try JSON.setting(name, to: value, in: body), as: UTF8.self)
        }
        #expect(try set("b", "9") == #"{"a":1.0,"b":9,"c":[1, {"d":2}]}"#)
        #expect(try set("b", "text") == #"{"a":1.0,"b":"text","c":[1, {"d":2}]}"#)
        #expect(try set("e", #"{"f":null}"#) == #"{"a":1.0,"b":"\u0041","c":[1, {"d":2}],"e":{"f":null}}"#)
        #expect(try set("a", #"1,"x":2"#) == #"{"a":"1,\"x\":2","b":"\u0041","c":[1, {"d":2}]}"#)
    }

    @Test func aBodyIsReadable() {
        let body = Array(#"{"a":[],"b":{},"c":[1,{"d":"x,{\"y"}]}"#.utf8)
        let lines = [
            "{", #"  "a": [],"#, #"  "b": {},"#, #"  "c": ["#, "    1,", "    {", #"      "d": "x,{\"y""#, "    }",
            "  ]", "}",
        ]
        #expect(JSON.readable(body) == lines.joined(separator: "\n"))
        #expect(JSON.readable(Array("[1]".utf8)) == nil)
    }

    @Test func problemsOfABodyAreThoseOfItsMessage() {
        let body = Array(#"{"request_id": "r 1"}"#.utf8)
        #expect(BodyCheck.problems(of: body, routingKey: "booking.request").map(\.field) == ["request_id"])
        #expect(BodyCheck.problems(of: body, routingKey: "somebody.elses").isEmpty)
        #expect(BodyCheck.problems(of: [0xff], routingKey: "somebody.elses").map(\.field) == ["body"])
        #expect(BodyCheck.problems(of: Array("{}".utf8), routingKey: "booking.confirmed").count == 1)
    }
}
