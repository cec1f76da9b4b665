import AMQP
import Contract
import Foundation
import Support
import Testing

@Suite(
    "Tracing", .enabled(if: TestEnvironment.hasServers, "\(TestEnvironment.hint)"),
    .enabled(if: Collector.isThere, "\(Collector.hint)"))
struct TracingTests {
    private let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    private let publisher = "00f067aa0ba902b7"

    @Test("shows one booking as one trace across five services")
    func oneTrace() async throws {
        let collector = try await Collector()
        try await TestSystem.with(environment: ["OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint]) { system in
            var raw = try RawChannel(system.amqpURL)
            try raw.listen("outcomes", to: "booking_notifications")
            var request = SampleRequest()
            request.age = 9
            try raw.publish(
                request.body, key: "booking.request", correlationID: "c-1",
                headers: ["traceparent": .text("00-\(trace)-\(publisher)-01"), "tracestate": .text("them=1")])
            let outcome = try #require(try raw.take(1).first?.message)
            #expect(outcome.headers["traceparent"]?.text?.hasPrefix("00-\(trace)-") == true)
            #expect(outcome.headers["tracestate"] == .text("them=1"))
            try await eventually("candies that are counted") { try await system.report().candies.count > 0 }
            // What is not sent yet is sent now.
            await system.endServices()

            let spans = try collector.spans().filter { $0.trace == trace }
            let byID = Dictionary(uniqueKeysWithValues: spans.map { ($0.span, $0) })
            func names(below parent: String) -> [String] {
                spans.filter { $0.parent == parent }.map { "\($0.resource["service.name"] ?? ""): \($0.name)" }.sorted()
            }
            func only(_ name: String) throws -> CollectedSpan {
                let found = spans.filter { $0.name == name }
                try #require(found.count == 1, "\(name): \(spans.map(\.name))")
                return found[0]
            }
            #expect(names(below: publisher) == ["booking-intake: process booking-intake.requests"])
            for (cause, effects) in [
                ("process booking-intake.requests", ["booking-intake: publish booking.accepted"]),
                ("publish booking.accepted", ["pricing: process pricing.bookings"]),
                ("process pricing.bookings", ["pricing: publish booking.priced"]),
                ("publish booking.priced", ["booking-intake: process booking-intake.prices"]),
                (
                    "publish booking.confirmed",
                    [
                        "candy-accounting: process candy-accounting.outcomes", "notifier: process notifier.outcomes",
                        "stats: process stats.events",
                    ]
                ),
                ("process candy-accounting.outcomes", ["candy-accounting: publish candy.accounted"]),
                ("publish candy.accounted", ["stats: process stats.events"]),
            ] {
                #expect(names(below: try only(cause).span) == effects, "\(cause)")
            }
            let settled = names(below: try only("process booking-intake.prices").span)
            #expect(settled.contains("booking-intake: publish booking.confirmed"))
            for span in spans {
                #expect(span.parent == publisher || byID[span.parent] != nil, "the parent of \(span.name)")
                #expect(span.kind == (span.name.hasPrefix("publish") ? 4 : 5))
                #expect(span.start > 0 && span.start <= span.end && !span.failed)
                #expect(span.state == "them=1")
                #expect(span.attributes["messaging.system"] == "rabbitmq")
            }
            #expect(
                try only("process booking-intake.requests").attributes["messaging.message.conversation_id"] == "c-1")
        }
    }

    @Test("links the work on several messages to each of theirs, and says what failed")
    func batches() async throws {
        let collector = try await Collector()
        let environment = [
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint, "OTEL_SERVICE_NAME": "prices",
            "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=a%20test",
        ]
        try await TestSystem.with(["booking-intake"], environment: environment) { system in
            let intake = system.replicas(of: "booking-intake")[0]
            intake.signal(SIGSTOP)
            var raw = try RawChannel(system.amqpURL)
            for number in 1...20 {
                try raw.publish(
                    number == 7 ? Array("no JSON".utf8) : SampleRequest().body, key: "booking.request",
                    headers: ["traceparent": .text("00-\(trace)-\(String(format: "%016x", number))-01")])
            }
            intake.signal(SIGCONT)
            let queue = "booking-intake.requests"
            try await eventually("twenty spans, and the work") {
                let spans = try collector.spans()
                return spans.filter { $0.name == "process \(queue)" }.count >= 20
                    && spans.contains { $0.name == "work \(queue)" }
            }
            let spans = try collector.spans()
            let work = spans.filter { $0.name == "work \(queue)" }
            let processing = spans.filter { $0.name == "process \(queue)" }
            let links = Set(work.flatMap(\.links))
            #expect(links.count > 1)
            #expect(links.isSubset(of: processing.map { CollectedSpan.Place(trace: $0.trace, span: $0.span) }))
            #expect(work.allSatisfy { $0.links.count == Int($0.attributes["messaging.batch.message_count"] ?? "") })
            // What only begins here is a trace of its own.
            #expect(work.allSatisfy { $0.trace != trace && $0.parent.isEmpty && $0.kind == 1 })
            #expect(processing.filter(\.failed).map(\.parent) == ["0000000000000007"])
            let resource = spans.first?.resource
            #expect(resource == ["service.name": "prices", "deployment.environment.name": "a test"])
        }
    }

    @Test("leaves what is not sampled as it came, and records as many of the others as was asked for")
    func sampling() async throws {
        let collector = try await Collector()
        let environment = [
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint, "OTEL_TRACES_SAMPLER": "parentbased_traceidratio",
            "OTEL_TRACES_SAMPLER_ARG": "0.5",
        ]
        try await TestSystem.with(["booking-intake", "pricing", "notifier"], environment: environment) { system in
            var raw = try RawChannel(system.amqpURL)
            try raw.listen("outcomes", to: "booking_notifications")
            let unsampled = "00-\(trace)-\(publisher)-00"
            try raw.publish(
                SampleRequest().body, key: "booking.request", headers: ["traceparent": .text(unsampled)])
            #expect(try raw.take(1).first?.message.headers["traceparent"] == .text(unsampled))
            for _ in 1...40 { try raw.publish(SampleRequest().body, key: "booking.request") }
            let outcomes = try raw.take(40)
            let sampled = outcomes.filter { $0.message.headers["traceparent"]?.text?.hasSuffix("-01") == true }
            // Of one in a billion runs it is not so.
            #expect((1..<40).contains(sampled.count))
            func announcements() throws -> [CollectedSpan] {
                try collector.spans().filter { $0.name == "process notifier.outcomes" }
            }
            // Outcomes that the notifier has not begun with when it ends go back to its queue.
            try await eventually("all are told") { try announcements().count >= sampled.count }
            await system.endServices()
            let (spans, told) = (try collector.spans(), try announcements())
            #expect(!spans.contains { $0.trace == trace })
            // Who begins a trace decides for all: each is there as a whole, or not at all.
            #expect(told.count == sampled.count)
            #expect(Set(told.map(\.trace)).isSubset(of: spans.filter { $0.parent.isEmpty }.map(\.trace)))
        }
    }

    @Test("delays no booking and no end of a service while the collector is silent or away", arguments: [true, false])
    func away(isSilent: Bool) async throws {
        let silent = try await isSilent ? Collector(isSilent: true) : nil
        let environment = ["OTEL_EXPORTER_OTLP_ENDPOINT": silent?.endpoint ?? "http://127.0.0.1:1"]
        try await TestSystem.with(["booking-intake", "pricing", "notifier"], environment: environment) { system in
            var raw = try RawChannel(system.amqpURL)
            try raw.listen("outcomes", to: "booking_notifications")
            for _ in 1...5 {
                for _ in 1...20 { try raw.publish(SampleRequest().body, key: "booking.request") }
                #expect(try raw.take(20).count == 20)
            }
            let intake = system.replicas(of: "booking-intake")[0]
            let start = ContinuousClock.now
            intake.signal(SIGTERM)
            #expect(await intake.end() == 0)
            #expect(ContinuousClock.now - start < .seconds(8))
        }
    }
}
