import Glibc

/// How a part of a text stands out on a terminal.
public enum Style: String, Sendable {
    /// Bold.
    case bold = "1"
    /// Less important.
    case dim = "2"
    /// Went wrong.
    case red = "31"
    /// Went well.
    case green = "32"
    /// Not decided.
    case yellow = "33"
    /// A quantity.
    case cyan = "36"
}

/// Where a program writes to, as whole texts; never through a buffer, so that what was said is seen.
public struct Output: Sendable {
    private let descriptor: Int32
    /// Whether a person looks at it, so that lines can be rewritten.
    public let isTerminal: Bool
    private let isColoured: Bool

    /// Results.
    public static let standard = Output(descriptor: STDOUT_FILENO)
    /// What went wrong, and hints.
    public static let error = Output(descriptor: STDERR_FILENO)

    private init(descriptor: Int32) {
        self.descriptor = descriptor
        isTerminal = isatty(descriptor) == 1
        func isSet(_ variable: String) -> Bool { getenv(variable).map { $0.pointee != 0 } ?? false }
        let isDumb = getenv("TERM").map { String(cString: $0) == "dumb" } ?? false
        isColoured = isTerminal && !isDumb && !isSet("NO_COLOR")
    }

    /// The text in a style, where this output has colours.
    public func styled(_ text: String, _ style: Style?) -> String {
        guard isColoured, let style, !text.isEmpty else { return text }
        return "\u{1b}[\(style.rawValue)m\(text)\u{1b}[0m"
    }

    /// Writes a line.
    public func line(_ text: String = "") { write(text + "\n") }

    /// Writes a text as it is. Where nobody reads it any more the program ends, as programs in a pipe do.
    public func write(_ text: String) { write(Array(text.utf8)) }

    /// Writes bytes as they are.
    public func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            if count <= 0 { return }
            rest = rest.dropFirst(count)
        }
    }
}
