import Glibc
import Hummingbird
import Logging
import Metrics
import ServiceLifecycle
import Tracing
import UnixSignals

/// What all parts of a service share.
public struct ServiceContext: Sendable {
    /// The service's name, such as `pricing`; it is the `app_id` of what it publishes.
    public let name: String
    /// Its settings.
    public let settings: Settings
    /// Its log.
    public let logger: Logger
    /// The runtime's instruments.
    public let telemetry = Telemetry()
    /// Whether it works.
    public let health = Health()
    /// The delays of retries.
    public let ladder: RetryLadder
    /// What is declared at the broker.
    public let topology: Topology
    let registry: PrometheusRegistry
    /// Nil where nothing is traced.
    let tracer: MessageTracer?

    init(
        _ name: String, _ settings: Settings, _ registry: PrometheusRegistry, _ tracing: TracingSettings
    ) {
        self.name = name
        self.settings = settings
        self.registry = registry
        ladder = RetryLadder(fast: settings.fastRetry)
        topology = Topology(
            ladder: ladder, candyMaxAge: settings.candyMaxAge, isOperators: settings.checksTopology)
        logger = Logger(label: name)
        // What is handled in quarantine passes on the context that it came with.
        let collector = QuarantineWorker.isThisProcess ? nil : tracing.collector
        tracer = collector.map { [logger] collector in
            MessageTracer(
                sampler: tracing.sampler,
                exporter: SpanExporter(collector, resource: tracing.resource, logger: logger))
        }
    }
}

/// What a service is made of: the queues it consumes, and what must be there before it does.
public struct ServicePlan: Sendable {
    let subscriptions: [Subscription]
    let prepare: @Sendable () async throws -> Void
    let background: @Sendable (Backstage) async -> Void
    let routes: @Sendable (Router<OperationsContext>) -> Void
    let hangLimit: Duration

    /// - Parameters:
    ///   - subscriptions: the queues to consume, one at least.
    ///   - prepare: run to success before anything is consumed, again and again while it throws.
    ///   - background: run beside the consumers until it is cancelled.
    ///   - routes: adds what the operations port has besides.
    ///   - hangLimit: how long a handler may take for a batch before the process ends itself: far longer than any wait inside of
    ///     one (a statement or a mail, 30 s).
    public init(
        _ subscriptions: [Subscription], prepare: @escaping @Sendable () async throws -> Void = {},
        background: @escaping @Sendable (Backstage) async -> Void = { _ in },
        routes: @escaping @Sendable (Router<OperationsContext>) -> Void = { _ in }, hangLimit: Duration = .seconds(300)
    ) {
        self.subscriptions = subscriptions
        self.prepare = prepare
        self.background = background
        self.routes = routes
        self.hangLimit = hangLimit
    }
}

/// Runs a service until SIGTERM or SIGINT and ends the process: status 0 after a drain, 78 where a setting is wrong.
/// - Parameters:
///   - name: the service's name.
///   - defaultPort: its operations port where `HTTP_PORT` is not set.
///   - plan: reads the service's own settings and says what it is made of.
public func runService(
    _ name: String, defaultPort: Int, plan: @Sendable (ServiceContext) throws -> ServicePlan
) async -> Never {
    // Until the service can drain there is nothing to drain.
    for number in [SIGTERM, SIGINT] { signal(number) { _ in _exit(0) } }
    do {
        let settings = try Settings(defaultPort: defaultPort)
        let registry = PrometheusRegistry()
        LoggingSystem.bootstrap { label in
            LineLogHandler(label: label, isJSON: settings.logsJSON, logLevel: settings.logLevel)
        }
        MetricsSystem.bootstrap(registry)
        let context = ServiceContext(name, settings, registry, try TracingSettings(settings, service: name))
        if let tracer = context.tracer { InstrumentationSystem.bootstrap(tracer) }
        let plan = try plan(context)
        // Shut down in reverse order, so that the operations port tells the truth about the drain.
        let services: [ServiceGroupConfiguration.ServiceConfiguration] =
            QuarantineWorker.isThisProcess
            // It ends by itself when there is nothing left.
            ? [
                .init(
                    service: QuarantineWorker(plan: plan, service: context),
                    successTerminationBehavior: .gracefullyShutdownGroup)
            ]
            : (context.tracer.map { [.init(service: $0.exporter)] } ?? []) + [
                .init(service: Operations.server(context, routes: plan.routes)),
                .init(service: Consumers(plan: plan, service: context)),
            ]
        var quiet = context.logger
        quiet.logLevel = .error
        do {
            let group = ServiceGroupConfiguration(
                services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet)
            try await ServiceGroup(configuration: group).run()
        } catch {
            // The consumers don't throw: only the operations port can fail.
            throw WrongSetting("HTTP_HOST, HTTP_PORT", "can't listen there: \(error)")
        }
        context.logger.info("stopped")
        exit(0)
    } catch let wrong as WrongSetting {
        complain("\(name): \(wrong)")
        exit(78)
    } catch {
        complain("\(name): \(error)")
        exit(1)
    }
}

private func complain(_ line: String) {
    // One line, whatever a setting contains.
    let line = String(line.map { $0.isNewline || $0 == "\0" ? " " : $0 })
    Array((line + "\n").utf8).withUnsafeBytes { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
}
