import Client
import Contract
import Hummingbird
import Logging
import Runtime

/// The web page: what the command line does, for people with a browser.
///
/// Made here as HTML; the only script shows the progress of a replay. It knows nothing of letters that the operations don't say.
struct Pages: Sendable {
    let desk: Operator
    let gatekeeper: Gatekeeper
    let logger: Logger

    /// - Throws: ``WrongSetting`` for a token that could be guessed.
    init(_ service: ServiceContext) throws(WrongSetting) {
        gatekeeper = try Gatekeeper(service.settings)
        logger = service.logger
        desk = Operator(client: BookingClient(addresses: service.settings.broker, name: "dead-letter page"))
    }

    /// Says goodbye to the broker.
    func close() async { await desk.client.close() }

    /// What somebody must be allowed to.
    enum Need { case nothing, read, change }

    /// Adds the pages to the operations port.
    func add(to router: Router<OperationsContext>) {
        router.add(middleware: Elsewhere(pages: self))
        file("/page.css", "text/css; charset=utf-8", PackageResources.page_css, on: router)
        file("/page.js", "text/javascript; charset=utf-8", PackageResources.page_js, on: router)
        file("/icon.svg", "image/svg+xml", PackageResources.icon_svg, on: router)
        get("/", .read, groups, on: router)
        get("/letters", .read, letters, on: router)
        get("/letters/:id", .read, letter, on: router)
        get("/letters/:id/body", .read, body, on: router)
        get("/letters/:id/edit", .change, edit, on: router)
        post("/letters/:id/edit", edited, on: router)
        get("/replay", .change, planReplay, on: router)
        post("/replay", beginReplay, on: router)
        get("/replays", .read, replays, on: router)
        get("/replays/:id", .read, replay, on: router)
        get("/replays/:id/progress", .read, progress, on: router)
        post("/replays/:id/pause", pause, on: router)
        post("/replays/:id/resume", resume, on: router)
        get("/discard", .change, planDiscard, on: router)
        post("/discard", discard, on: router)
        get("/undo", .change, planUndo, on: router)
        post("/undo", undo, on: router)
        get("/export", .read, export, on: router)
        get("/import", .change, importForm, on: router)
        post("/import", imported, on: router)
        get("/login", .nothing, logInForm, on: router)
        router.post("/login") { request, context in await answer(request, context, .nothing, logIn(context)) }
        post("/logout", logOut, on: router)
    }

    typealias Handler = @Sendable (Visit) async throws -> Response

    private func get(
        _ path: RouterPath, _ need: Need, _ handler: @escaping Handler, on router: Router<OperationsContext>
    ) {
        router.get(path) { request, context in await answer(request, context, need, handler) }
    }

    private func post(_ path: RouterPath, _ handler: @escaping Handler, on router: Router<OperationsContext>) {
        router.post(path) { request, context in await answer(request, context, .change, handler) }
    }

    private func file(_ path: RouterPath, _ type: String, _ bytes: [UInt8], on router: Router<OperationsContext>) {
        router.get(path) { _, _ in
            Response(
                status: .ok, headers: [.contentType: type, .cacheControl: "no-cache", .xContentTypeOptions: "nosniff"],
                body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
        }
    }
}

/// Says of what is no page of ours that there is none.
private struct Elsewhere: RouterMiddleware {
    typealias Context = OperationsContext
    let pages: Pages

    func handle(
        _ request: Request, context: OperationsContext, next: (Request, OperationsContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError where error.status == .notFound {
            return await pages.answer(request, context, .nothing) { _ in throw PageError.notFound }
        }
    }
}
