import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle

/// A request to the operations port.
public struct OperationsContext: RequestContext, RemoteAddressRequestContext {
    /// What Hummingbird itself needs.
    public var coreContext: CoreRequestContextStorage
    /// Who sent it; a proxy where one stands between.
    public let remoteAddress: SocketAddress?
    /// The connection.
    fileprivate let channel: any Channel

    /// The context of a request that came over a connection.
    public init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
        remoteAddress = source.channel.remoteAddress
    }
}

/// The operations port: `/livez`, `/readyz` and `/metrics`, and nothing that another service needs.
enum Operations {
    /// The HTTP server as a service, which listens once it runs.
    static func server(
        _ service: ServiceContext, routes: @Sendable (Router<OperationsContext>) -> Void
    ) -> some Service {
        let router = Router(context: OperationsContext.self)
        router.add(middleware: ClosingMiddleware())
        routes(router)
        router.get("livez") { _, _ in "alive\n" }
        router.get("readyz") { _, _ in
            let problems = service.health.report
            return text(
                problems.isEmpty ? "ready\n" : problems.joined(separator: "\n") + "\n",
                problems.isEmpty ? .ok : .serviceUnavailable)
        }
        router.get("metrics") { _, _ in
            text(service.registry.text(), .ok, "text/plain; version=0.0.4; charset=utf-8")
        }
        var quiet = Logger(label: service.name)
        quiet.logLevel = .error
        return Application(
            router: router,
            configuration: .init(
                address: .hostname(service.settings.httpHost, port: service.settings.httpPort),
                serverName: service.name),
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? 0
                service.logger.info(
                    "operations port open", metadata: ["host": "\(service.settings.httpHost)", "port": "\(port)"])
            },
            logger: quiet)
    }

    private static func text(
        _ text: String, _ status: HTTPResponse.Status, _ type: String = "text/plain; charset=utf-8"
    ) -> Response {
        Response(
            status: status, headers: [.contentType: type], body: .init(byteBuffer: ByteBuffer(string: text)))
    }
}

/// Ends each connection after its answer: Hummingbird would keep it open for clients of HTTP/1.0, too, many of which read
/// until it ends, and those who ask here ask seldom.
private struct ClosingMiddleware: RouterMiddleware {
    func handle(
        _ request: Request, context: OperationsContext, next: (Request, OperationsContext) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            response = try await next(request, context)
        } catch let refusal as any HTTPResponseError {
            response = try refusal.response(from: request, context: context)
        }
        response.headers[.connection] = "close"
        let body = response.body
        response.body = ResponseBody(contentLength: body.contentLength) { writer in
            try await body.write(writer)
            // What waits to be sent is sent before.
            context.channel.close(mode: .output, promise: nil)
        }
        return response
    }
}
