import Contract
import Terminal

/// A piece of a page.
///
/// Nothing becomes one but by ``init(text:)`` and ``tag(_:_:_:)``, which escape: what strangers wrote can't be markup, and nobody
/// can forget it.
struct HTML: Sendable {
    /// As it is sent.
    private(set) var markup = ""

    /// Nothing.
    init() {}

    /// A text to be read. What can't be seen, or turns the direction of writing, is shown as a replacement character.
    init(text: String) { markup = Self.visible(text).asHTML }

    /// One piece after the other.
    init(_ pieces: [HTML]) { for piece in pieces { markup += piece.markup } }

    /// One piece after the other.
    init(@HTMLBuilder _ content: () -> HTML) { self = content() }

    fileprivate init(
        tag: StaticString, _ attributes: KeyValuePairs<StaticString, String?>, content: HTML?
    ) {
        markup = "<\(tag)"
        for (name, value) in attributes {
            guard let value else { continue }
            markup += value.isEmpty ? " \(name)" : " \(name)=\"\(value.asHTML)\""
        }
        markup += ">"
        if let content { markup += content.markup + "</\(tag)>" }
    }

    /// A field of several lines with exactly this text.
    static func textarea(_ attributes: KeyValuePairs<StaticString, String?>, _ text: String) -> HTML {
        var content = HTML()
        // The first line break after the tag does not count.
        content.markup = "\n" + text.asHTML
        return HTML(tag: "textarea", attributes, content: content)
    }

    private static func visible(_ text: String) -> String {
        let lines = text.unicodeScalars.split(omittingEmptySubsequences: false) { $0 == "\n" }
        return lines.map { String($0).replacing("\t", with: "    ").printable }.joined(separator: "\n")
    }
}

/// An element with its attributes (those that are `nil` are left out) and what it contains.
func tag(
    _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String?> = [:],
    @HTMLBuilder _ content: () -> HTML
) -> HTML {
    HTML(tag: name, attributes, content: content())
}

/// An element that contains nothing and has no end tag, such as `input`.
func tag(_ name: StaticString, _ attributes: KeyValuePairs<StaticString, String?>) -> HTML {
    HTML(tag: name, attributes, content: nil)
}

/// Texts and elements, one after the other.
@resultBuilder
enum HTMLBuilder {
    static func buildExpression(_ text: String) -> HTML { HTML(text: text) }
    static func buildExpression(_ piece: HTML) -> HTML { piece }
    static func buildBlock(_ pieces: HTML...) -> HTML { HTML(pieces) }
    static func buildOptional(_ piece: HTML?) -> HTML { piece ?? HTML() }
    static func buildEither(first piece: HTML) -> HTML { piece }
    static func buildEither(second piece: HTML) -> HTML { piece }
    static func buildArray(_ pieces: [HTML]) -> HTML { HTML(pieces) }
}
