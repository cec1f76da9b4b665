import Contract
import Glibc
import Logging

/// Writes log lines to standard error, one a message: readable text, or a JSON object with `LOG_FORMAT=json`.
struct LineLogHandler: LogHandler {
    let label: String
    let isJSON: Bool
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var fields = metadata
        if let more = metadataProvider?.get() { fields.merge(more) { $1 } }
        if let more = event.metadata { fields.merge(more) { $1 } }
        if let error = event.error { fields["error"] = "\(error)" }
        let pairs = fields.sorted { $0.key < $1.key }.map { ($0.key, $0.value.description) }
        let line = isJSON ? json(event, pairs) : text(event, pairs)
        // One call a line, so that lines of several threads don't mix.
        Array((line + "\n").utf8).withUnsafeBytes { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    private func text(_ event: LogEvent, _ pairs: [(String, String)]) -> String {
        let level = event.level.rawValue.uppercased().padded(to: 8)
        var line = "\(Timestamp.now) \(level) \(label) \(event.message)"
        for (key, value) in pairs {
            let isPlain = !value.isEmpty && value.unicodeScalars.allSatisfy(Self.isPlain)
            line += " \(key)=\(isPlain ? value : Self.quoted(value))"
        }
        return line
    }

    private func json(_ event: LogEvent, _ pairs: [(String, String)]) -> String {
        let fixed = [
            ("time", Timestamp.now.description), ("level", event.level.rawValue), ("service", label),
            ("message", event.message.description),
        ]
        return "{" + (fixed + pairs).map { "\(Self.quoted($0.0)):\(Self.quoted($0.1))" }.joined(separator: ",") + "}"
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value > 32 && scalar != "\"" && scalar != "=" && scalar.properties.generalCategory != .control
    }

    /// The text as a JSON string, which no line break can leave.
    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case _ where scalar.properties.generalCategory == .control:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
