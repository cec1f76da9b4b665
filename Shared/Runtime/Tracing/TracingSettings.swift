import ServerURL

/// What OpenTelemetry's environment variables say of tracing.
struct TracingSettings {
    /// Where spans go; `nil` where none are made.
    let collector: Collector?
    let sampler: TraceSampler
    /// Attributes of this process, `service.name` among them.
    let resource: [(String, String)]

    /// - Parameters:
    ///   - settings: where they are read.
    ///   - service: the service's name, where they give none.
    /// - Throws: ``WrongSetting`` for the first that can't be used, also where it would not be needed.
    init(_ settings: Settings, service: String) throws(WrongSetting) {
        collector = try Self.collector(settings)
        sampler = try Self.sampler(settings)
        var resource: [(String, String)] = []
        for pair in settings.text("OTEL_RESOURCE_ATTRIBUTES", default: "").split(separator: ",") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty, let value = try? ServerURL.decoded(parts[1]) else {
                throw WrongSetting("OTEL_RESOURCE_ATTRIBUTES", "'\(pair)' is not of the form name=value")
            }
            resource.append((String(parts[0]), value))
        }
        let given = resource.first { $0.0 == "service.name" }?.1
        let name = settings.text("OTEL_SERVICE_NAME", default: given ?? service)
        self.resource = [("service.name", name)] + resource.filter { $0.0 != "service.name" }
    }

    private static func collector(_ settings: Settings) throws(WrongSetting) -> Collector? {
        let variable = "OTEL_EXPORTER_OTLP_ENDPOINT"
        let text = settings.text(variable, default: "")
        if text.isEmpty { return nil }
        let `protocol` = settings.text("OTEL_EXPORTER_OTLP_PROTOCOL", default: "http/protobuf")
        guard `protocol` == "http/protobuf" else {
            throw WrongSetting("OTEL_EXPORTER_OTLP_PROTOCOL", "'\(`protocol`)' is not http/protobuf")
        }
        do throws(ServerURL.Invalid) {
            if text.lowercased().hasPrefix("https://") {
                throw ServerURL.Invalid("TLS is not supported: send to a collector on this node, which passes it on")
            }
            let url = try ServerURL(text, schemes: ["http"])
            guard url.user == nil, url.options == nil else {
                throw ServerURL.Invalid("it must have neither a login nor options")
            }
            let path = url.path.isEmpty || url.path.hasSuffix("/") ? "/\(url.path)" : "/\(url.path)/"
            return Collector(host: url.host, port: url.port ?? 80, path: path + "v1/traces")
        } catch {
            throw WrongSetting(variable, "\(error)")
        }
    }

    private static func sampler(_ settings: Settings) throws(WrongSetting) -> TraceSampler {
        let argument = settings.text("OTEL_TRACES_SAMPLER_ARG", default: "1")
        guard let ratio = Double(argument), (0...1).contains(ratio) else {
            throw WrongSetting("OTEL_TRACES_SAMPLER_ARG", "'\(argument)' is not a number from 0 to 1")
        }
        let name = settings.text("OTEL_TRACES_SAMPLER", default: "parentbased_always_on")
        let prefix = "parentbased_"
        let followsParent = name.hasPrefix(prefix)
        switch followsParent ? name.dropFirst(prefix.count) : name[...] {
        case "always_on": return TraceSampler(ratio: 1, followsParent: followsParent)
        case "always_off": return TraceSampler(ratio: 0, followsParent: followsParent)
        case "traceidratio": return TraceSampler(ratio: ratio, followsParent: followsParent)
        default:
            throw WrongSetting(
                "OTEL_TRACES_SAMPLER",
                "'\(name)' is neither always_on nor always_off nor traceidratio, nor one of these after parentbased_")
        }
    }
}
