import Contract
import Terminal

/// What a button is for.
enum ButtonRole: String {
    case primary, secondary, danger, plain
}

func button(_ text: String, _ role: ButtonRole = .secondary, name: String? = nil, value: String? = nil) -> HTML {
    tag("button", ["class": role.rawValue, "name": name, "value": value]) { text }
}

func linkButton(_ text: String, _ href: String, _ role: ButtonRole = .secondary) -> HTML {
    tag("a", ["class": "button \(role.rawValue)", "href": href]) { text }
}

/// A field with its label, which names it, and a hint below.
func field(
    _ label: String, _ name: String, _ value: String?, _ more: KeyValuePairs<StaticString, String?> = [:],
    type: String = "text", hint: String? = nil
) -> HTML {
    func given(_ attribute: String) -> String? { more.first { "\($0.key)" == attribute }?.value }
    return tag("div", ["class": "field"]) {
        tag("label", ["for": "f-\(name)"]) { label }
        tag(
            "input",
            [
                "id": "f-\(name)", "name": name, "type": type, "value": value, "required": given("required"),
                "autocomplete": given("autocomplete") ?? "off", "placeholder": given("placeholder"),
                "min": given("min"), "max": given("max"), "maxlength": given("maxlength"), "list": given("list"),
                "aria-describedby": hint == nil ? nil : "h-\(name)",
            ])
        if let hint { tag("p", ["class": "hint", "id": "h-\(name)"]) { hint } }
    }
}

/// Something that went wrong, which screen readers say at once.
func alert(_ text: String) -> HTML { tag("p", ["class": "alert", "role": "alert"]) { text } }

func badge(_ status: LetterStatus) -> HTML { tag("span", ["class": "badge \(status.rawValue)"]) { status.rawValue } }

/// A time to the second, and how long ago it is.
func time(_ time: Timestamp) -> HTML {
    tag("time", ["datetime": time.description, "title": "\(time.plain) UTC"]) { time.ago }
}

/// A time to the second, in UTC.
func exactTime(_ time: Timestamp) -> HTML {
    tag("time", ["datetime": time.description, "title": time.ago]) { "\(time.plain) UTC" }
}

/// A number of letters in words.
func count(_ letters: Int) -> String { "\(Figures.count(letters)) letter\(letters == 1 ? "" : "s")" }

extension Timestamp {
    /// Date and time to the second, in UTC.
    var plain: String { String(description.prefix(19).replacing("T", with: " ")) }

    /// How long ago it is; the date for what is older than a week.
    var ago: String {
        let seconds = (Timestamp.now.milliseconds - milliseconds) / 1_000
        return switch seconds {
        case ..<(-5): plain
        case ..<5: "just now"
        case ..<60: "\(seconds) s ago"
        case ..<3_600: "\(seconds / 60) min ago"
        case ..<86_400: "\(seconds / 3_600) h ago"
        case ..<604_800: "\(seconds / 86_400) d ago"
        default: String(plain.prefix(10))
        }
    }
}

extension Problem {
    /// For people.
    var inWords: String { field == "body" ? problem : "\(field) \(problem)" }
}

extension String {
    /// With a capital and a full stop.
    var sentence: String { prefix(1).uppercased() + dropFirst() + (hasSuffix(".") ? "" : ".") }

    /// Without white space at either end.
    var trimmed: String {
        let start = firstIndex { !$0.isWhitespace } ?? endIndex
        let end = lastIndex { !$0.isWhitespace }.map { index(after: $0) } ?? start
        return String(self[start..<end])
    }
}

/// The last 24 hours as bars, an hour each.
func sparkline(_ trend: [Int]) -> HTML {
    let most = max(1, trend.max() ?? 0)
    let sum = trend.reduce(0, +)
    let text = sum == 0 ? "none in the last 24 hours" : "\(Figures.count(sum)) in the last 24 hours"
    return tag(
        "svg",
        [
            "class": "trend", "viewBox": "0 0 96 24", "role": "img", "aria-label": text, "preserveAspectRatio": "none",
        ]
    ) {
        tag("title") { text }
        for (hour, count) in trend.enumerated() {
            let height = count == 0 ? 1 : max(2, count * 24 / most)
            tag(
                "rect",
                [
                    "x": "\(hour * 4)", "y": "\(24 - height)", "width": "3", "height": "\(height)",
                    "class": count == 0 ? "none" : nil,
                ]
            ) { "" }
        }
    }
}
