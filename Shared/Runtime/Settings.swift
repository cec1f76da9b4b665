import AMQP
import Configuration
import Logging

/// A setting that can't be used; ends the service with exit status 78.
public struct WrongSetting: Error, CustomStringConvertible {
    /// The environment variable.
    public let variable: String
    /// What is wrong with it.
    public let problem: String

    /// - Parameters: as the properties of the same names say.
    public init(_ variable: String, _ problem: String) {
        self.variable = variable
        self.problem = problem
    }

    /// One line for people.
    public var description: String { "\(variable): \(problem)" }
}

/// The service's settings, from the environment.
///
/// Those of all services are properties; a service reads its own with ``text(_:default:)`` and ``integer(_:default:in:)``.
public struct Settings: Sendable {
    private let reader: ConfigReader

    /// The nodes of the broker: `AMQP_URL`, several separated by commas; default `amqp://guest:guest@127.0.0.1:5672/`.
    public let broker: [AMQPAddress]
    /// What TLS connections are made with: `TLS_CA_FILE`, `TLS_CERT_FILE`, `TLS_KEY_FILE`.
    public let files: TLSFiles
    /// Where the operations port listens: `HTTP_HOST`, default 127.0.0.1.
    public let httpHost: String
    /// The operations port: `HTTP_PORT`, 0 for a free one.
    public let httpPort: Int
    /// The least level that is logged: `LOG_LEVEL`, default info.
    public let logLevel: Logger.Level
    /// Whether log lines are JSON: `LOG_FORMAT`, `text` (default) or `json`.
    public let logsJSON: Bool
    /// Whether retry delays are a tenth: `FAST_RETRY`, `0` (default) or `1`.
    public let fastRetry: Bool
    /// Passengers younger than this get candies: `CANDY_MAX_AGE`, default 12; candy-accounting's queue is bound for them.
    public let candyMaxAge: Int
    /// Whether an operator declares exchanges, queues and bindings: `AMQP_TOPOLOGY`, `declare` (default) or `check`.
    public let checksTopology: Bool

    /// Reads and checks the settings that all services have.
    /// - Parameters:
    ///   - defaultPort: the operations port where `HTTP_PORT` is not set.
    ///   - provider: where settings come from; by default the environment.
    /// - Throws: ``WrongSetting`` for the first that can't be used.
    public init(
        defaultPort: Int = 0, provider: some ConfigProvider = EnvironmentVariablesProvider()
    ) throws(WrongSetting) {
        let reader = ConfigReader(provider: provider)
        self.reader = reader
        let url = Self.read(reader, "AMQP_URL") ?? "amqp://guest:guest@127.0.0.1:5672/"
        do { files = try TLSFiles { Self.read(reader, $0) } } catch {
            throw WrongSetting(error.variable, error.problem)
        }
        do { broker = try AMQPAddress.list(url, files: files) } catch { throw WrongSetting("AMQP_URL", "\(error)") }
        httpHost = Self.read(reader, "HTTP_HOST") ?? "127.0.0.1"
        httpPort = try Self.integer(Self.read(reader, "HTTP_PORT"), "HTTP_PORT", defaultPort, 0...65535)
        let level = Self.read(reader, "LOG_LEVEL") ?? "info"
        guard let logLevel = Logger.Level(rawValue: level.lowercased()) else {
            let known = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw WrongSetting("LOG_LEVEL", "'\(level)' is none of \(known)")
        }
        self.logLevel = logLevel
        logsJSON = try Self.choice(reader, "LOG_FORMAT", ["text", "json"]) == 1
        fastRetry = try Self.choice(reader, "FAST_RETRY", ["0", "1"]) == 1
        candyMaxAge = try Self.integer(
            Self.read(reader, "CANDY_MAX_AGE"), "CANDY_MAX_AGE", Self.defaultCandyMaxAge, 0...131)
        checksTopology = try Self.choice(reader, "AMQP_TOPOLOGY", ["declare", "check"]) == 1
    }

    /// ``candyMaxAge`` where nothing is set.
    public static let defaultCandyMaxAge = 12

    /// The text of a variable, or its default where it is not set or empty.
    public func text(_ variable: String, default standard: String) -> String {
        Self.read(reader, variable) ?? standard
    }

    /// The integer of a variable, or its default where it is not set or empty.
    /// - Throws: ``WrongSetting`` if it is no integer within `range`.
    public func integer(
        _ variable: String, default standard: Int, in range: ClosedRange<Int>
    ) throws(WrongSetting) -> Int {
        try Self.integer(Self.read(reader, variable), variable, standard, range)
    }

    /// The settings of a service as its `--help` shows them.
    /// - Parameters:
    ///   - port: the default of `HTTP_PORT`.
    ///   - more: the service's own variables, each with its meaning and, in parentheses, its default.
    public static func help(port: Int, more: KeyValuePairs<String, String> = [:]) -> String {
        let all: [(String, String)] =
            [("AMQP_URL", "RabbitMQ; several nodes separated by commas (amqp://guest:guest@127.0.0.1:5672/)")]
            + more.map { ($0.key, $0.value) } + [
                ("TLS_CA_FILE", "PEM file with the authorities to trust instead of the system's (unset)"),
                ("TLS_CERT_FILE", "PEM file with a certificate of ours, for servers that want one (unset)"),
                ("TLS_KEY_FILE", "PEM file with its private key (unset)"),
                ("HTTP_HOST", "where the operations port listens (127.0.0.1)"),
                ("HTTP_PORT", "/livez, /readyz and /metrics; 0 takes a free port (\(port))"),
                ("LOG_LEVEL", "trace, debug, info, notice, warning, error or critical (info)"),
                ("LOG_FORMAT", "text or json (text)"),
                ("FAST_RETRY", "1 makes every retry delay a tenth (0)"),
                ("AMQP_TOPOLOGY", "declare exchanges and queues, or check that an operator has (declare)"),
                ("OTEL_EXPORTER_OTLP_ENDPOINT", "a trace collector, such as http://127.0.0.1:4318 (unset)"),
                ("OTEL_SERVICE_NAME", "the service's name in traces (its name)"),
                ("OTEL_RESOURCE_ATTRIBUTES", "what else traces say of it: name=value,… (unset)"),
                ("OTEL_TRACES_SAMPLER", "[parentbased_]always_on, always_off or traceidratio (parentbased_always_on)"),
                ("OTEL_TRACES_SAMPLER_ARG", "the share for traceidratio, 0 to 1 (1)"),
            ]
        let lines = all.map { "  \($0.0)\(String(repeating: " ", count: max(1, 18 - $0.0.count)))\($0.1)" }
        return "Runs until SIGTERM or SIGINT. Settings come from the environment (defaults in parentheses):\n"
            + lines.joined(separator: "\n")
    }

    private static func read(_ reader: ConfigReader, _ variable: String) -> String? {
        let key = ConfigKey(variable.lowercased().split(separator: "_").map(String.init))
        let value = reader.string(forKey: key, isSecret: variable.hasSuffix("URL"))
        return value?.isEmpty == true ? nil : value
    }

    private static func integer(
        _ text: String?, _ variable: String, _ standard: Int, _ range: ClosedRange<Int>
    ) throws(WrongSetting) -> Int {
        guard let text else { return standard }
        guard !text.hasPrefix("+"), let value = Int(text), range.contains(value) else {
            throw WrongSetting(
                variable, "'\(text)' is not an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    private static func choice(
        _ reader: ConfigReader, _ variable: String, _ choices: [String]
    ) throws(WrongSetting) -> Int {
        guard let text = read(reader, variable) else { return 0 }
        guard let index = choices.firstIndex(of: text) else {
            throw WrongSetting(variable, "'\(text)' is neither \(choices.joined(separator: " nor "))")
        }
        return index
    }
}
