import Foundation

/// What a server said.
public struct HTTPAnswer: Sendable {
    /// The status.
    public let status: Int
    /// The headers, by their names in lower case.
    public let headers: [String: String]
    /// The body as text.
    public let body: String
}

extension ServiceProcess {
    /// Asks its operations port.
    /// - Parameters:
    ///   - path: such as `/letters`.
    ///   - form: the fields of a form to be sent; `nil` for GET.
    ///   - headers: sent besides.
    public func ask(
        _ path: String, form: KeyValuePairs<String, String>? = nil, headers: [String: String] = [:]
    ) async throws -> HTTPAnswer {
        var arguments = ["-sS", "-i", "-m", "30", "--noproxy", "*", "http://127.0.0.1:\(port)\(path)"]
        for (name, value) in headers { arguments += ["-H", "\(name): \(value)"] }
        if let form {
            arguments += ["-X", "POST"]
            for (name, value) in form { arguments += ["--data-urlencode", "\(name)=\(value)"] }
        }
        let answer = try await run("/usr/bin/curl", arguments)
        let parts = answer.output.replacing("\r\n", with: "\n").split(separator: "\n\n", maxSplits: 1)
        let lines = parts.first?.split(separator: "\n") ?? []
        let status = lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        guard let status else { throw TestFailure("\(path): \(answer.output)\(answer.errors)") }
        let fields = lines.dropFirst().compactMap { line -> (String, String)? in
            let field = line.split(separator: ":", maxSplits: 1)
            return field.count == 2 ? (field[0].lowercased(), field[1].trimmingCharacters(in: .whitespaces)) : nil
        }
        return HTTPAnswer(
            status: status, headers: Dictionary(fields) { $1 }, body: parts.count > 1 ? String(parts[1]) : "")
    }
}
