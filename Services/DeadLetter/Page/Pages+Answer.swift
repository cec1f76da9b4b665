import Contract
import Hummingbird
import Logging
import Runtime

extension Pages {
    /// The most bytes of a form: twice an edited body, which as percent-encoding may be three times as long.
    private static let mostBytes = 6 * Contract.maximumBodySize
    /// The most bytes of one with a file.
    private static let mostBytesOfFile = 8 << 20

    /// What our pages never need, and a browser is to refuse them.
    private static let restrictions = [
        "Content-Security-Policy":
            "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
            + "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        // Not no-referrer: browsers would send no origin with our forms either.
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cache-Control": "no-store",
    ]

    /// Answers a request, or says why not; every answer forbids what a page of ours never needs.
    func answer(
        _ request: Request, _ context: OperationsContext, _ need: Need, _ handler: Handler
    ) async -> Response {
        var response: Response
        var visitor = Visitor()
        do {
            visitor = try gatekeeper.visitor(request, context)
            try check(visitor, need)
            let form = try await form(of: request, from: visitor, need)
            let visit = Visit(
                path: request.uri.path, id: context.parameters.get("id") ?? "",
                query: Form(request.uri.query ?? ""), form: form, visitor: visitor,
                isSecure: request.header("x-forwarded-proto") == "https")
            if need == .change, request.method == .post, visitor.name == nil, form["by"] == nil {
                throw PageError.wrong("by", "is missing: who does it?")
            }
            response = try await handler(visit)
        } catch {
            response = explain(error, to: visitor, request)
        }
        for (name, value) in Self.restrictions {
            if let name = HTTPFields.Element.Name(name) { response.headers[name] = value }
        }
        return response
    }

    private func form(of request: Request, from visitor: Visitor, _ need: Need) async throws -> Form {
        guard request.method == .post else { return Form("") }
        let type = request.headers[.contentType] ?? ""
        let limit = type.hasPrefix("multipart/") ? Self.mostBytesOfFile : Self.mostBytes
        guard let bytes = try? await request.body.collect(upTo: limit) else {
            throw PageError.wrong("the form", "is too large")
        }
        let form = Form(Array(buffer: bytes), multipart: type) ?? Form(String(buffer: bytes))
        if need == .nothing {
            try gatekeeper.checkOrigin(request)
        } else {
            try gatekeeper.check(form, of: visitor, request)
        }
        return form
    }

    private func check(_ visitor: Visitor, _ need: Need) throws(Gatekeeper.Refusal) {
        let isOpen =
            switch need {
            case .nothing: true
            case .read: visitor.mayRead
            case .change: visitor.mayChange
            }
        guard !isOpen else { return }
        throw gatekeeper.hasToken ? .noSession : .noToken
    }

    private func explain(_ error: any Error, to visitor: Visitor, _ request: Request) -> Response {
        switch error {
        case let refusal as Gatekeeper.Refusal: return explain(refusal, to: visitor, request)
        case PageError.refused(let reply):
            let status: HTTPResponse.Status =
                switch reply.code {
                case .notFound: .notFound
                case .wrongState: .conflict
                default: .badRequest
                }
            return notice(
                reply.code == .notFound ? "Not found" : "That can't be done", status, visitor,
                reply.problems == nil ? [reply.detail?.sentence ?? "It was refused."] : [],
                list: reply.problems?.map(\.inWords) ?? [])
        case PageError.notFound:
            return notice("There is no such page", .notFound, visitor, ["It may have been moved."])
        case PageError.unreachable(let trouble):
            return notice(
                "The letters can't be reached", .serviceUnavailable, visitor,
                [
                    "\(trouble)".sentence,
                    "Nothing is lost. /readyz says what the service waits for; try again in a moment.",
                ])
        default:
            logger.error("a page failed", metadata: ["page": "\(request.uri.path)", "error": "\(error)"])
            return notice("Something went wrong", .internalServerError, visitor, ["The service's log says what."])
        }
    }

    private func explain(_ refusal: Gatekeeper.Refusal, to visitor: Visitor, _ request: Request) -> Response {
        switch refusal {
        case .noToken:
            return notice(
                "HTTP_ADMIN_TOKEN is not set", .forbidden, visitor,
                [
                    "Set HTTP_ADMIN_TOKEN to a secret of at least 16 characters in the environment of dead-letter, and start it again. "
                        + "Who knows the secret can log in here.",
                    "Without it letters can only be read, and only by a browser on the same machine. "
                        + "The command line (dead-letter --help) works all the same.",
                ])
        case .noSession where request.method == .get && request.headers[.authorization] == nil:
            return .redirect(to: (["to": request.uri.string] as Form).link("/login"), type: .normal)
        case .noSession:
            return notice("You are not logged in", .unauthorized, visitor, ["Log in, then try again."])
        case .wrongToken:
            return notice("The token is wrong", .unauthorized, visitor, ["It is the service's HTTP_ADMIN_TOKEN."])
        case .tooMany(let seconds):
            var response = notice(
                "Too many wrong tokens", .tooManyRequests, visitor,
                ["They came from your address. Wait \(seconds) seconds before you try again."])
            response.headers[.retryAfter] = "\(seconds)"
            return response
        case .forged:
            return notice(
                "This form is not valid any more", .forbidden, visitor,
                ["It comes from another site or an earlier session, so nothing was changed. Open the page anew."])
        }
    }
}
