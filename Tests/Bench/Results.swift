import Foundation
import Support

/// What a run found, as `report.json` has it.
struct Results: Codable, Sendable {
    /// The machine that it ran on, and how.
    struct Setup: Codable, Sendable {
        let at: String
        let processors: Int
        let processor: String
        let gigabytes: Int
        /// Of each service; nil on services that run elsewhere.
        let replicas: Int?
        /// Bookings stored before; nil on services that run elsewhere.
        let stored: Int?
        /// Without credentials; nil on private servers.
        let deployment: String?
    }

    let setup: Setup
    /// As fast as the broker confirms, round after round.
    var throughput: [Measurement] = []
    /// At chosen rates.
    var rates: [Measurement] = []
    var backlog: Backlog?
    var startUps: [StartUp] = []
    /// Outcomes of this run, and how many of its bookings the report of the system counts.
    var booked = 0, counted = 0

    init(_ setup: Setup) { self.setup = setup }

    /// Whether everything that was sent is confirmed, has one outcome, and is counted once.
    var isComplete: Bool {
        (throughput + rates).allSatisfy(\.isComplete) && backlog?.isComplete != false && booked == counted
    }

    /// The middle one of a subject's rounds by its pace; nil where there are none.
    func middle(of subject: String) -> Measurement? {
        let rounds = throughput.filter { $0.subject == subject }.sorted { $0.outcomesPerSecond < $1.outcomesPerSecond }
        return rounds.isEmpty ? nil : rounds[rounds.count / 2]
    }
}

extension Results.Setup {
    /// This machine, now.
    init(replicas: Int?, stored: Int?, deployment: String?) {
        let cpu = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?.split(separator: "\n")
        let model = cpu?.first { $0.hasPrefix("model name") }?.split(separator: ":").last
        self.init(
            at: Date.now.formatted(.iso8601), processors: ProcessInfo.processInfo.activeProcessorCount,
            processor: model.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown",
            gigabytes: Int((Double(ProcessInfo.processInfo.physicalMemory) / 1_073_741_824).rounded()),
            replicas: replicas, stored: stored, deployment: deployment.map(withoutCredentials))
    }
}

/// Writes what a run found for programs and as a page for people.
func writeFiles(_ name: String, _ value: some Encodable, page: Page, to folder: URL) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try encoded(value).write(to: folder.appending(path: name + ".json"), options: .atomic)
    try Data(page.markup.text.utf8).write(to: folder.appending(path: name + ".html"), options: .atomic)
}

/// JSON in the style of the contract, the same bytes for the same value.
func encoded(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(value) + Data("\n".utf8)
}
