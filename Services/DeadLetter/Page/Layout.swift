import Hummingbird
import Runtime

extension Pages {
    /// A whole page.
    /// - Parameter refresh: seconds after which a browser without scripts loads it again.
    func page(
        _ title: String, _ visitor: Visitor, _ status: HTTPResponse.Status = .ok, refresh: Int? = nil,
        @HTMLBuilder _ content: () -> HTML
    ) -> Response {
        let html = tag("html", ["lang": "en"]) {
            tag("head") {
                tag("meta", ["charset": "utf-8"])
                tag("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"])
                tag("meta", ["name": "color-scheme", "content": "light dark"])
                tag("title") { "\(title) · Dead letters" }
                tag("link", ["rel": "stylesheet", "href": "/page.css"])
                tag("link", ["rel": "icon", "href": "/icon.svg", "type": "image/svg+xml"])
                tag("script", ["src": "/page.js", "defer": ""]) { "" }
                if let refresh {
                    tag("noscript") { tag("meta", ["http-equiv": "refresh", "content": "\(refresh)"]) }
                }
            }
            tag("body") {
                tag("a", ["class": "skip", "href": "#main"]) { "Skip to the content" }
                header(visitor, title)
                tag("main", ["id": "main"], content)
            }
        }
        let text = "<!DOCTYPE html>\n\(html.markup)\n"
        return Response(
            status: status, headers: [.contentType: "text/html; charset=utf-8"],
            body: .init(byteBuffer: ByteBuffer(string: text)))
    }

    private func header(_ visitor: Visitor, _ title: String) -> HTML {
        let places = [("/", "Groups"), ("/letters", "Letters"), ("/replays", "Replays")]
        return tag("header") {
            tag("div", ["class": "bar"]) {
                tag("span", ["class": "brand"]) { "Dead letters" }
                tag("nav", ["aria-label": "Main"]) {
                    for (path, name) in places {
                        tag("a", ["href": path, "aria-current": name == title ? "page" : nil]) { name }
                    }
                }
                who(visitor)
            }
        }
    }

    private func who(_ visitor: Visitor) -> HTML {
        HTML {
            if let name = visitor.name {
                tag("form", ["method": "post", "action": "/logout", "class": "who"]) {
                    formToken(visitor)
                    tag("span", ["title": "What you do is put on record under this name"]) { name }
                    tag("button", ["class": "plain"]) { "Log out" }
                }
            } else if gatekeeper.hasToken {
                tag("a", ["href": "/login", "class": "who"]) { "Log in" }
            } else {
                tag("span", ["class": "who quiet"]) { "Read only" }
            }
        }
    }

    /// A page that only says something.
    func notice(
        _ title: String, _ status: HTTPResponse.Status, _ visitor: Visitor, _ paragraphs: [String], list: [String] = []
    ) -> Response {
        page(title, visitor, status) {
            tag("div", ["class": "narrow"]) {
                tag("h1") { title }
                for paragraph in paragraphs { tag("p") { paragraph } }
                if !list.isEmpty { tag("ul") { for item in list { tag("li") { item } } } }
                tag("p") { tag("a", ["href": "/"]) { "To the groups" } }
            }
        }
    }

    /// What shows that a form was made here, for this session.
    func formToken(_ visitor: Visitor) -> HTML {
        tag("input", ["type": "hidden", "name": "form", "value": visitor.formToken])
    }
}
