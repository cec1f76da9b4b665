import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle

/// The operations port: `/livez`, `/readyz` and `/metrics`, and nothing that another service needs.
enum Operations {
    /// The HTTP server as a service, which listens once it runs.
    static func server(_ service: ServiceContext) -> some Service {
        let router = Router()
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
