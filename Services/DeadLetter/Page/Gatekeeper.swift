import Hummingbird
import NIOCore
import Runtime

/// Who visits a page, and what is open to them.
struct Visitor: Sendable {
    /// To whom changes are put down; `nil` for somebody who has not logged in.
    var name: String?
    /// What their forms must carry; `nil` where there is no session.
    var formToken: String?
    /// Whether letters may be shown to them.
    var mayRead = false
    /// Whether they may change something.
    var mayChange = false
}

/// Knows who may see and change what.
struct Gatekeeper: Sendable {
    /// Why somebody is not let in.
    enum Refusal: Error {
        /// No token is configured.
        case noToken
        /// Nobody is logged in.
        case noSession
        /// The token is wrong.
        case wrongToken
        /// Too many wrong tokens came from the address: so many seconds must pass.
        case tooMany(Int)
        /// The form comes from elsewhere, or from an earlier session.
        case forged
    }

    private static let shortest = 16
    private let seal: Seal?
    private let isLocal: Bool
    private let guesses = Guesses()

    /// - Throws: ``WrongSetting`` for a token that could be guessed.
    init(_ settings: Settings) throws(WrongSetting) {
        let token = settings.text("HTTP_ADMIN_TOKEN", default: "")
        guard token.isEmpty || token.utf8.count >= Self.shortest else {
            throw WrongSetting("HTTP_ADMIN_TOKEN", "is shorter than \(Self.shortest) characters")
        }
        seal = token.isEmpty ? nil : Seal(key: token)
        isLocal = Self.isLoopback(settings.httpHost)
    }

    /// Whether a token is configured, so that one can log in.
    var hasToken: Bool { seal != nil }

    /// Who sends a request.
    func visitor(_ request: Request, _ context: OperationsContext) throws(Refusal) -> Visitor {
        var visitor = Visitor(mayRead: isLocal && Self.isAskedLocally(request))
        guard let seal else { return visitor }
        if let header = request.headers[.authorization], header.lowercased().hasPrefix("bearer ") {
            try check(String(header.dropFirst(7)), seal, context)
            (visitor.mayRead, visitor.mayChange) = (true, true)
        } else if let cookie = request.cookies[Session.cookie]?.value, let session = Session(cookie: cookie, seal: seal)
        {
            visitor = Visitor(name: session.name, formToken: session.formToken, mayRead: true, mayChange: true)
        }
        return visitor
    }

    /// Lets somebody in who knows the token.
    func logIn(_ name: String, token: String, _ context: OperationsContext) throws(Refusal) -> Session {
        guard let seal else { throw .noToken }
        try check(token, seal, context)
        return Session(of: name, seal: seal)
    }

    private func check(_ token: String, _ seal: Seal, _ context: OperationsContext) throws(Refusal) {
        let address = context.remoteAddress?.ipAddress ?? ""
        if let wait = guesses.wait(of: address) { throw .tooMany(wait) }
        guard Seal.areEqual(Seal(key: token).code("token"), seal.code("token")) else {
            guesses.fail(address)
            throw .wrongToken
        }
        guesses.succeed(address)
    }

    /// Refuses a form that was not made here for this session. Who sends the token itself needs no form.
    func check(_ form: Form, of visitor: Visitor, _ request: Request) throws(Refusal) {
        try checkOrigin(request)
        guard let expected = visitor.formToken else { return }
        guard Seal.areEqual(form["form"] ?? "", expected) else { throw .forged }
    }

    /// Refuses what a page of another site makes a browser send.
    func checkOrigin(_ request: Request) throws(Refusal) {
        if let origin = request.headers[.origin] {
            let host = origin.split(separator: "/").last.map(String.init) ?? ""
            guard origin.contains("://"), host == request.head.authority else { throw .forged }
        }
        if let site = request.header("sec-fetch-site"), site != "same-origin", site != "none" { throw .forged }
    }

    /// Whether a browser on this machine asks by a name of this machine: other names may have been pointed here by a web site, and
    /// what a proxy passes on comes from anywhere.
    private static func isAskedLocally(_ request: Request) -> Bool {
        let isPassedOn = request.headers.contains {
            $0.name.canonicalName == "forwarded" || $0.name.canonicalName.hasPrefix("x-forwarded-")
        }
        guard !isPassedOn, let authority = request.head.authority else { return false }
        let host =
            authority.hasPrefix("[") ? authority.prefix { $0 != "]" }.dropFirst() : authority.prefix { $0 != ":" }
        return isLoopback(String(host))
    }

    private static func isLoopback(_ host: String) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return host == "localhost" || host == "::1"
            || (parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil })
    }
}

extension Request {
    /// The value of a header by its name in lower case.
    func header(_ name: String) -> String? { headers.first { $0.name.canonicalName == name }?.value }
}
