import ArgumentParser
import Client
import Contract
import Glibc
import Terminal

/// `dead-letter edit`
struct Edit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Gives a letter another body, to be replayed with; the original is kept.",
        discussion: """
            Without --set it opens $VISUAL or $EDITOR. The new body is checked by the rules of its message and shown beside \
            the old one. undo takes it back.

            Examples:
              dead-letter edit 9abe5317cd6b4fa1 --set request_id=r-1001 --set passenger_age=9
              EDITOR=vi dead-letter edit 9abe5317cd6b4fa1
              dead-letter edit 9abe5317cd6b4fa1 --from mended.json
            """)

    @Argument(help: "The letter.")
    var id: String
    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("Set a field to JSON, or else to a text; may be repeated.", valueName: "field=value"))
    var settings: [String] = []
    @Option(help: ArgumentHelp("Take the new body from a file; - for standard input.", valueName: "file"))
    var from: String?
    @Flag(help: "Keep it although it is not valid.")
    var anyway = false
    @OptionGroup var signature: Signature
    @Flag(name: [.long, .customShort("y")], help: "Don't ask.")
    var yes = false
    @OptionGroup var desk: DeskOptions

    func validate() throws {
        if settings.contains(where: { !$0.contains("=") || $0.hasPrefix("=") }) {
            throw ValidationError("--set takes field=value.")
        }
        if from != nil, !settings.isEmpty { throw ValidationError("Either --set or --from.") }
    }

    func run() async throws {
        try await desk.connected { asker throws(ClientError) in
            guard let detail = try await asker.detail(of: id), let old = detail.letter.bytes, let new = changed(old)
            else { return ExitCode(1) }
            guard new != old else {
                Output.standard.line("Nothing was changed.")
                return .success
            }
            BodyDiff(old: old, new: new).write(to: .standard)
            let problems = BodyCheck.problems(of: new, routingKey: detail.letter.routingKey)
            for problem in problems {
                Output.error.line(Output.error.styled("  ✘ \(problem.field) \(problem.problem)".printable, .red))
            }
            if !problems.isEmpty, !anyway {
                Output.error.line("It is not valid, and not kept; --anyway keeps it.")
                return ExitCode(1)
            }
            guard isConfirmed("Keep it?", unless: yes) else { return ExitCode(1) }
            var question = LetterQuestion()
            question.id = id
            question.body = String(validating: new, as: UTF8.self)
            question.bodyBase64 = question.body == nil ? Base64.encode(new) : nil
            question.anyway = anyway
            return try await asker.act(.edit, signature.sign(question), "edited")
        }
    }

    /// The new body; `nil` where there is none, which it then has said why.
    private func changed(_ old: [UInt8]) -> [UInt8]? {
        if let from { return read(from == "-" ? "/dev/stdin" : from) }
        guard settings.isEmpty else {
            do throws(Unreadable) {
                var body = old
                for setting in settings {
                    let parts = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                    body = try JSON.setting(String(parts[0]), to: String(parts[1]), in: body)
                }
                return body
            } catch {
                Output.error.line("✘ --set needs a JSON object: \(error.detail)")
                return nil
            }
        }
        return edited(old)
    }

    private func edited(_ old: [UInt8]) -> [UInt8]? {
        let variables = [getenv("VISUAL"), getenv("EDITOR")]
        let editor = variables.compactMap { $0.map { String(cString: $0) } }.first { !$0.isEmpty }
        var path = Array("/tmp/dead-letter-\(id)-XXXXXX".utf8CString)
        let file = mkstemp(&path)
        guard file >= 0 else { return complain("can't write a temporary file") }
        let name = String(decoding: path.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { unlink(name) }
        let shown = JSON.readable(old).map { Array(($0 + "\n").utf8) } ?? old
        _ = shown.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
        close(file)
        guard Child.run("\(editor ?? "vi") \"$0\"", name) == 0 else {
            return complain("the editor ended with an error")
        }
        guard let new = read(name) else { return nil }
        return new == shown ? old : new
    }

    private func read(_ name: String) -> [UInt8]? {
        guard let file = fopen(name, "r") else { return complain("can't read \(name)") }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
        return bytes
    }

    private func complain(_ what: String) -> [UInt8]? {
        Output.error.line("✘ \(what.printable)")
        return nil
    }
}

/// Another program.
enum Child {
    /// Runs a shell command with an argument, on this terminal.
    /// - Returns: its exit status, or -1.
    static func run(_ command: String, _ argument: String) -> Int32 {
        var arguments: [UnsafeMutablePointer<CChar>?] =
            (["sh", "-c", command, argument] as [String]).map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var pid = pid_t()
        guard posix_spawn(&pid, "/bin/sh", nil, nil, &arguments, environ) == 0 else { return -1 }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        return status & 0x7f == 0 ? status >> 8 & 0xff : -1
    }
}

extension BodyDiff {
    fileprivate func write(to output: Output) {
        for line in lines {
            switch line.change {
            case .removed: output.line(output.styled("- " + line.text.printable, .red))
            case .added: output.line(output.styled("+ " + line.text.printable, .green))
            case .kept: output.line("  " + line.text.printable)
            }
        }
    }
}
