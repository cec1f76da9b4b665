import Configuration
import Testing

@testable import Runtime

@Suite("Trace context")
struct TraceContextTests {
    private let right = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    @Test("is read and written as W3C has it")
    func reading() throws {
        let place = try #require(TraceContext(traceparent: right, tracestate: "a=1"))
        #expect(place.traceID == 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736)
        #expect(place.spanID == 0x00f0_67aa_0ba9_02b7)
        #expect(place.isSampled)
        #expect(place.state == "a=1")
        #expect(place.traceparent == right)
        #expect(TraceContext(traceparent: right.dropLast(2) + "02", tracestate: nil)?.isSampled == false)
        #expect(TraceContext(traceparent: right, tracestate: String(repeating: "a", count: 513))?.state == nil)
        // A later version, with more to say.
        #expect(TraceContext(traceparent: "cc" + right.dropFirst(2) + "-more", tracestate: nil)?.traceparent == right)
    }

    @Test(
        "is none where it is written otherwise",
        arguments: [
            "", "00", "4bf92f3577b34da6a3ce929d0e0e4736", "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01more",
            "00-4bf92f3577b34da6a3ce929d0e0e473é-0f067aa0ba902b7-01",
            "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ])
    func refusing(text: String) { #expect(TraceContext(traceparent: text, tracestate: nil) == nil) }
}

@Suite("Tracing settings")
struct TracingSettingsTests {
    private func settings(_ values: [String: String]) throws -> TracingSettings {
        try TracingSettings(
            Settings(provider: EnvironmentVariablesProvider(environmentVariables: values)), service: "pricing")
    }

    @Test("trace nothing unless a collector is named")
    func off() throws {
        let none = try settings([:])
        #expect(none.collector == nil)
        #expect(none.sampler == TraceSampler(ratio: 1, followsParent: true))
    }

    @Test("are OpenTelemetry's")
    func given() throws {
        let given = try settings([
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://[::1]:4318/tenant", "OTEL_TRACES_SAMPLER": "traceidratio",
            "OTEL_TRACES_SAMPLER_ARG": "0.25", "OTEL_RESOURCE_ATTRIBUTES": "service.name=x,a=b%20c,d=e=f",
        ])
        #expect(given.collector?.host == "::1")
        #expect(given.collector?.port == 4318)
        #expect(given.collector?.path == "/tenant/v1/traces")
        #expect(given.sampler == TraceSampler(ratio: 0.25, followsParent: false))
        #expect(given.resource.map(\.0) == ["service.name", "a", "d"])
        #expect(given.resource.map(\.1) == ["x", "b c", "e=f"])
        #expect(try settings(["OTEL_SERVICE_NAME": "y"]).resource.map(\.1) == ["y"])
    }

    @Test(
        "name what is wrong with them",
        arguments: [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://collector:4318"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://me:secret@collector"), ("OTEL_TRACES_SAMPLER", "always"),
            ("OTEL_TRACES_SAMPLER", "parentbased_"), ("OTEL_TRACES_SAMPLER_ARG", "2"),
            ("OTEL_TRACES_SAMPLER_ARG", "nan"),
            ("OTEL_RESOURCE_ATTRIBUTES", "a"), ("OTEL_RESOURCE_ATTRIBUTES", "a=%zz"),
        ])
    func wrong(variable: String, value: String) {
        #expect { try settings([variable: value]) } throws: { ($0 as? WrongSetting)?.variable == variable }
    }

    @Test("sample as many traces as they say, and those that are sampled elsewhere")
    func sampling() {
        let tenth = TraceSampler(ratio: 0.1, followsParent: true)
        let sampled = (0..<10_000).filter { _ in tenth.samples(.random(in: 1 ... .max), below: nil) }
        #expect((800...1_200).contains(sampled.count))
        let parent = TraceContext(traceID: .max, spanID: 1, isSampled: true)
        #expect(tenth.samples(.max, below: parent))
        #expect(!TraceSampler(ratio: 0, followsParent: true).samples(1, below: nil))
        #expect(TraceSampler(ratio: 1, followsParent: false).samples(.max, below: nil))
    }
}
