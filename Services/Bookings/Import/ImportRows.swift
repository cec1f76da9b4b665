import Contract

/// A row that can be sent.
struct ImportRow: Sendable {
    /// The number of its first line.
    let line: Int
    let request: BookingRequest
    /// Whether the file names the id; else it was made of the contents.
    let hasOwnID: Bool
}

/// What a record of the file turned out to be.
enum ImportItem: Sendable {
    case row(ImportRow)
    /// The same request, with the same id, stands in an earlier line.
    case repeated(line: Int, requestID: String, firstLine: Int)
    /// It can't be sent.
    case problem(line: Int, requestID: String?, problem: String)
}

/// Checks rows by the contract's rules before anything is sent, and gives ids to those without.
///
/// An id is `import-` and 32 hexadecimal digits: the ``ImportHash`` of the contents and of how many rows with the same
/// contents stand before it. The same file makes the same ids, so importing it again is what resumes an import: the
/// services book nothing twice. It keeps a few bytes a row, to find ids that stand for two requests.
struct ImportRows {
    private struct Sighting {
        let contents: Int64
        let line: Int
    }

    private let batch: String
    private var occurrences: [ImportHash: Int32] = [:]
    private var sightings: [ImportHash: Sighting] = [:]

    init(batch: String) { self.batch = batch }

    mutating func take(_ record: ImportRecord) -> ImportItem {
        switch record.content {
        case .problem(let problem):
            return .problem(line: record.line, requestID: nil, problem: problem)
        case .object(let body):
            do {
                return try take(body, line: record.line)
            } catch {
                return .problem(line: record.line, requestID: nil, problem: error.detail)
            }
        }
    }

    private mutating func take(_ body: [UInt8], line: Int) throws(Unreadable) -> ImportItem {
        let hasOwnID = try JSON.object(body)["request_id"].map { !$0.isNull } ?? false
        switch try BookingRequest.read(hasOwnID ? body : Self.named(body)) {
        case .invalid(let request):
            let problem = request.problems.map { "\($0.field) \($0.problem)" }.joined(separator: "; ")
            return .problem(line: line, requestID: hasOwnID ? request.requestID : nil, problem: problem)
        case .valid(let request):
            guard hasOwnID else { return .row(ImportRow(line: line, request: identified(request), hasOwnID: false)) }
            return sighted(request, line)
        }
    }

    /// The object with an id for the time being, behind everything else: of a name that occurs twice the last counts.
    private static func named(_ body: [UInt8]) -> [UInt8] {
        guard let end = body.lastIndex(of: UInt8(ascii: "}")) else { return body }
        let start = body[..<end].firstIndex(of: UInt8(ascii: "{")).map { $0 + 1 } ?? end
        let isEmpty = !body[start..<end].contains { $0 > 0x20 }
        return body[..<end] + Array("\(isEmpty ? "" : ",")\"request_id\":\"-\"}".utf8)
    }

    private mutating func identified(_ request: BookingRequest) -> BookingRequest {
        var hash = request.importHash(batch: batch)
        let occurrence = occurrences[hash, default: 0]
        occurrences[hash] = occurrence + 1
        hash.add(Int(occurrence))
        return request.named("import-" + hash.digits)
    }

    private mutating func sighted(_ request: BookingRequest, _ line: Int) -> ImportItem {
        var hash = ImportHash()
        hash.add(request.requestID)
        guard let first = sightings[hash] else {
            sightings[hash] = Sighting(contents: request.contentHash, line: line)
            return .row(ImportRow(line: line, request: request, hasOwnID: true))
        }
        if first.contents == request.contentHash {
            return .repeated(line: line, requestID: request.requestID, firstLine: first.line)
        }
        return .problem(
            line: line, requestID: request.requestID,
            problem: "request_id stands for another request in line \(first.line)")
    }
}
