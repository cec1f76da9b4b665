import Foundation
import Runtime

/// The users and the topology of helm/caramelo/files/definitions.json, in a vhost of one test's own.
struct BrokerUsers: Sendable {
    /// All users' names here.
    let all: [String]
    private let vhost: String
    private static let password = "only-for-tests"

    init(vhost: String) throws {
        self.vhost = vhost
        all = try (Self.read()["users"] ?? []).map { "\($0["name"] ?? "")-\(vhost)" }
    }

    /// A user's name here: users, other than queues, belong to no vhost.
    func name(_ user: String) -> String { "\(user)-\(vhost)" }

    /// The broker's URL with a user's login instead of the tests' own.
    func url(_ url: String, of user: String) -> String {
        url.replacingOccurrences(of: "//guest:guest@", with: "//\(name(user)):\(Self.password)@")
    }

    /// The definitions as the management API takes them.
    /// - Parameter isFast: with the retry queues of `FAST_RETRY=1`.
    func definitions(isFast: Bool) throws -> String {
        var here = try Self.read().mapValues { items in items.map { item in moved(item, isFast ? Self.fast : [:]) } }
        here["vhosts"] = [["name": vhost]]
        here["users"] = here["users"]?.map { user in
            ["name": name(user["name"] as? String ?? ""), "password": Self.password, "tags": user["tags"] ?? ""]
        }
        return String(decoding: try JSONSerialization.data(withJSONObject: here), as: UTF8.self)
    }

    private static func read() throws -> [String: [[String: Any]]] {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../helm/caramelo/files/definitions.json").standardized
        let all = try JSONSerialization.jsonObject(with: Data(contentsOf: file))
        guard let all = all as? [String: [[String: Any]]] else { throw TestFailure("\(file) has another form") }
        return all
    }

    /// The retry queues of `FAST_RETRY=1`, by the names of the others.
    private static let fast = Dictionary(
        uniqueKeysWithValues: zip(RetryLadder(fast: false).rungs.map(\.name), RetryLadder(fast: true).rungs))

    private func moved(_ item: [String: Any], _ rungs: [String: RetryLadder.Rung]) -> [String: Any] {
        var item = item
        if item["vhost"] != nil { item["vhost"] = vhost }
        if let user = item["user"] as? String { item["user"] = name(user) }
        for key in ["name", "source", "destination"] {
            guard let rung = (item[key] as? String).flatMap({ rungs[$0] }) else { continue }
            item[key] = rung.name
            guard var arguments = item["arguments"] as? [String: Any], arguments["x-message-ttl"] != nil else {
                continue
            }
            arguments["x-message-ttl"] = rung.milliseconds
            item["arguments"] = arguments
        }
        return item
    }
}
