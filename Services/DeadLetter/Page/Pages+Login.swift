import Contract
import Hummingbird
import Logging
import Runtime
import Terminal

extension Pages {
    func logInForm(_ visit: Visit) -> Response { logInPage(visit, problem: nil, status: .ok) }

    /// Takes the form; the address of whoever sends it is the connection's.
    func logIn(_ context: OperationsContext) -> Handler {
        { visit in
            let name = (visit.form["name"] ?? "").trimmed
            guard !name.isEmpty, name.count <= 100 else {
                return logInPage(visit, problem: "Say who you are, in at most 100 characters.", status: .badRequest)
            }
            do throws(Gatekeeper.Refusal) {
                let session = try gatekeeper.logIn(name, token: (visit.form["token"] ?? "").trimmed, context)
                logger.info("logged in to the page", metadata: ["name": "\(name.printable)"])
                var response = Response.redirect(to: Self.place(visit.form["to"]), type: .normal)
                response.headers[.setCookie] = Session.header(session.value, isSecure: visit.isSecure)
                return response
            } catch {
                guard case .wrongToken = error else { throw error }
                logger.warning(
                    "a wrong token", metadata: ["address": "\(context.remoteAddress?.ipAddress ?? "-")"])
                return logInPage(visit, problem: "That is not the token.", status: .unauthorized)
            }
        }
    }

    func logOut(_ visit: Visit) -> Response {
        var response = Response.redirect(to: "/login", type: .normal)
        response.headers[.setCookie] = Session.header(nil, isSecure: visit.isSecure)
        return response
    }

    private func logInPage(_ visit: Visit, problem: String?, status: HTTPResponse.Status) -> Response {
        guard gatekeeper.hasToken else {
            return notice(
                "HTTP_ADMIN_TOKEN is not set", .forbidden, visit.visitor,
                ["There is nothing to log in with: set HTTP_ADMIN_TOKEN in the environment of dead-letter."])
        }
        return page("Log in", visit.visitor, status) {
            tag("div", ["class": "narrow"]) {
                tag("h1") { "Log in" }
                tag("p", ["class": "quiet"]) {
                    "To work with dead letters. What you do is put on record under your name."
                }
                if let problem { alert(problem) }
                tag("form", ["method": "post", "action": "/login", "class": "stack"]) {
                    tag(
                        "input",
                        ["type": "hidden", "name": "to", "value": Self.place(visit.form["to"] ?? visit.query["to"])])
                    field("Your name", "name", visit.form["name"], ["autocomplete": "username", "required": ""])
                    field(
                        "Token", "token", nil, ["autocomplete": "current-password", "required": ""], type: "password",
                        hint: "The service's HTTP_ADMIN_TOKEN.")
                    tag("div", ["class": "actions"]) { button("Log in", .primary) }
                }
            }
        }
    }

    /// Where to go after the login: a page of ours, and never anywhere else.
    private static func place(_ text: String?) -> String {
        guard let text, text.hasPrefix("/"), !text.hasPrefix("//"), !text.hasPrefix("/login"),
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\\") })
        else { return "/" }
        return text
    }
}
