import NIOCore
import NIOHTTP1
import NIOPosix

/// Where spans are sent to: a collector's OTLP over HTTP.
struct Collector: Sendable {
    /// A name or address.
    let host: String
    /// The port.
    let port: Int
    /// The path of the traces.
    let path: String

    /// What came of an attempt.
    enum Answer: Equatable {
        case taken
        /// It will never take them.
        case refused(status: Int)
        /// Not now.
        case away(String)
    }

    private struct Late: Error, CustomStringConvertible {
        var description: String { "no answer in time" }
    }

    /// Sends a request; never takes much longer than `limit`.
    func post(_ request: [UInt8], within limit: Duration) async -> Answer {
        do {
            let status = try await withThrowingTaskGroup(of: Int.self) { group in
                group.addTask { try await post(request) }
                group.addTask {
                    try await Task.sleep(for: limit)
                    throw Late()
                }
                defer { group.cancelAll() }
                return try await group.next() ?? 0
            }
            switch status {
            case 200..<300: return .taken
            case 0, 429, 502, 503, 504: return .away("HTTP status \(status)")
            default: return .refused(status: status)
            }
        } catch {
            return .away("\(error)")
        }
    }

    /// On a connection of its own: there are few requests.
    private func post(_ request: [UInt8]) async throws -> Int {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connectTimeout(.seconds(2))
            .connect(host: host, port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    return try NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>(
                        wrappingChannelSynchronously: channel)
                }
            }
        let headers: HTTPHeaders = [
            "host": "\(host.contains(":") ? "[\(host)]" : host):\(port)", "content-type": "application/x-protobuf",
            "content-length": "\(request.count)", "user-agent": "caramelo", "connection": "close",
        ]
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(.head(.init(version: .http1_1, method: .POST, uri: path, headers: headers)))
            try await outbound.write(.body(.byteBuffer(ByteBuffer(bytes: request))))
            try await outbound.write(.end(nil))
            for try await case .head(let head) in inbound { return Int(head.status.code) }
            return 0
        }
    }
}
