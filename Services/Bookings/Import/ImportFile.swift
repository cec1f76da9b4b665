import ArgumentParser
import Glibc
import Terminal

/// A file, or standard input for `-`, read piece by piece.
final class ImportFile {
    enum Format: String, ExpressibleByArgument, CaseIterable { case csv, jsonl }

    private static let pieceSize = 64 * 1024
    private let name: String
    private let descriptor: Int32
    private let size: Int?
    private var offset = 0
    /// How much was read, from 0 to 1; nil where the size is not known, as in a pipe.
    var share: Double? { size.map { $0 == 0 ? 1 : min(1, Double(offset) / Double($0)) } }
    private var isAtStart = true

    /// - Throws: status 66 when it can't be opened.
    init(_ path: String) throws(ImportFailure) {
        name = path == "-" ? "standard input" : path
        descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 { throw Self.failure(name) }
        var status = stat()
        let isRegular = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        size = isRegular && path != "-" ? Int(status.st_size) : nil
    }

    deinit { if descriptor > STDERR_FILENO { close(descriptor) } }

    /// The next piece, without a byte order mark; none at the end. It waits for what a pipe has yet to bring.
    /// - Throws: status 66 when it can't be read.
    func next() async throws(ImportFailure) -> [UInt8] {
        var piece = try await read()
        guard isAtStart else { return piece }
        // A pipe may bring the mark, or what tells the format, in pieces.
        while piece.count < 4 {
            let more = try await read()
            if more.isEmpty { break }
            piece += more
        }
        isAtStart = false
        if piece.starts(with: [0xEF, 0xBB, 0xBF]) { piece.removeFirst(3) }
        return piece
    }

    private func read() async throws(ImportFailure) -> [UInt8] {
        // A thread that sleeps in read() would be missing elsewhere: there are as few as processors.
        var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while poll(&poller, 1, 0) == 0 {
            guard (try? await Task.sleep(for: .milliseconds(10))) != nil else { return [] }
        }
        var count = 0
        let piece = [UInt8](unsafeUninitializedCapacity: Self.pieceSize) { buffer, initialized in
            repeat {
                count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            } while count < 0 && errno == EINTR
            initialized = max(0, count)
        }
        if count < 0 { throw Self.failure(name) }
        offset += count
        return piece
    }

    private static func failure(_ name: String) -> ImportFailure {
        ImportFailure(message: "\(name.printable): \(String(cString: strerror(errno)))", status: 66)
    }

    /// How to read it: by its name, else by its first byte.
    /// - Parameter first: the first piece.
    /// - Throws: status 65 for a JSON list.
    func format(_ first: [UInt8]) throws(ImportFailure) -> Format {
        for (ending, format) in [(".csv", Format.csv), (".jsonl", .jsonl), (".ndjson", .jsonl)]
        where name.lowercased().hasSuffix(ending) { return format }
        switch first.first(where: { $0 > 0x20 }) {
        case UInt8(ascii: "{"): return .jsonl
        case UInt8(ascii: "["):
            throw ImportFailure(message: "\(name.printable) is a JSON list: make lines of it (jq -c '.[]')", status: 65)
        default: return .csv
        }
    }
}
