import Foundation
import Synchronization
import Testing

@testable import caramelo_chaos

@Suite("Nemesis: the schedule")
struct ScheduleTests {
    private func lines(_ seed: UInt64, seconds: Double = 120, faults: Set<Fault> = Set(Fault.allCases)) -> [String] {
        Schedule(faults: faults, seed: seed, seconds: seconds, replicas: 2).lines
    }

    @Test("follows from the seed, and from nothing else")
    func repeats() {
        #expect(lines(7) == lines(7))
        #expect(lines(7) != lines(8))
    }

    @Test("has every kind of fault within two minutes", arguments: 1...100 as ClosedRange<UInt64>)
    func isComplete(seed: UInt64) {
        let steps = Schedule(faults: Set(Fault.allCases), seed: seed, seconds: 120, replicas: 2).lanes.flatMap { $0 }
        #expect(Set(steps.map(\.fault)) == Set(Fault.allCases).subtracting([.gaps]))
    }

    @Test("has only what was asked for, and in a lane one thing after the other")
    func isNarrowed() {
        let schedule = Schedule(faults: [.networkSlow, .redisWiped], seed: 1, seconds: 60, replicas: 2)
        #expect(Set(schedule.lanes.flatMap { $0 }.map(\.fault)) == [.networkSlow, .redisWiped])
        for lane in schedule.lanes {
            for (step, next) in zip(lane, lane.dropFirst()) { #expect(step.begins + step.length <= next.begins) }
        }
        #expect(lines(1, faults: []).isEmpty)
    }
}

@Suite("Nemesis: the proxy", .serialized)
struct ProxyTests {
    /// What happens to four bytes that are sent through a proxy to a server that sends them back.
    private enum Echo: Equatable { case whole, nothing, closed, reset }

    private let server = Server()

    private func withProxy(_ body: (Proxy) async throws -> Void) async throws {
        let proxy = try Proxy(to: server.port)
        try await body(proxy)
        proxy.stop()
    }

    private func change(_ proxy: Proxy, _ network: Proxy.Network) async throws {
        proxy.set(network)
        try await Task.sleep(for: .milliseconds(100))
    }

    private func echo(_ socket: Int32, sending: Bool = true, within milliseconds: Int32 = 300) -> Echo {
        if sending, send(socket, [1, 2, 3, 4] as [UInt8], 4, Int32(MSG_NOSIGNAL)) < 0, errno != EAGAIN {
            return .reset
        }
        var file = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        guard poll(&file, 1, milliseconds) > 0 else { return .nothing }
        var bytes: [UInt8] = [0, 0, 0, 0]
        switch recv(socket, &bytes, 4, 0) {
        case 4: return bytes == [1, 2, 3, 4] ? .whole : .closed
        case 0: return .closed
        default: return .reset
        }
    }

    private func connection(to proxy: Proxy) throws -> Int32 { try #require(Socket.connect(to: proxy.port)) }

    @Test("passes on what both say, and the end of either")
    func fine() async throws {
        try await withProxy { proxy in
            let socket = try connection(to: proxy)
            #expect(echo(socket, within: 2_000) == .whole)
            server.hangUp()
            #expect(echo(socket, sending: false, within: 2_000) == .closed)
        }
    }

    @Test(
        "holds back what goes in a blocked direction, and delivers it later",
        arguments: [Proxy.Direction.toServer, .toService])
    func blocked(direction: Proxy.Direction) async throws {
        try await withProxy { proxy in
            let socket = try connection(to: proxy)
            #expect(echo(socket, within: 2_000) == .whole)
            try await change(proxy, .blocked([direction]))
            #expect(echo(socket) == .nothing)
            #expect(echo(try connection(to: proxy)) == .nothing)
            try await change(proxy, .fine)
            #expect(echo(socket, sending: false, within: 2_000) == .whole)
        }
    }

    @Test("resets everything when it is cut, and takes new connections afterwards")
    func cut() async throws {
        try await withProxy { proxy in
            let socket = try connection(to: proxy)
            #expect(echo(socket, within: 2_000) == .whole)
            try await change(proxy, .cut)
            #expect(echo(socket) == .reset)
            #expect(echo(try connection(to: proxy)) == .reset)
            try await change(proxy, .fine)
            #expect(echo(try connection(to: proxy), within: 2_000) == .whole)
        }
    }

    @Test("tells the service nothing when it is half-open, until the network is fine")
    func halfOpen() async throws {
        try await withProxy { proxy in
            let socket = try connection(to: proxy)
            #expect(echo(socket, within: 2_000) == .whole)
            try await change(proxy, .halfOpen)
            #expect(echo(socket) == .nothing)
            #expect(echo(try connection(to: proxy), within: 2_000) == .whole)
            try await change(proxy, .fine)
            #expect(echo(socket, sending: false) == .reset)
        }
    }

    @Test("is slow as long as it shall be")
    func slow() async throws {
        try await withProxy { proxy in
            let socket = try connection(to: proxy)
            #expect(echo(socket, within: 2_000) == .whole)
            try await change(proxy, .slow(200))
            let start = ContinuousClock.now
            #expect(echo(socket, within: 5_000) == .whole)
            #expect(ContinuousClock.now - start >= .milliseconds(400))
        }
    }

    @Test("takes no new connections where it shall not, and leaves the others alone")
    func refusing() async throws {
        try await withProxy { proxy in
            let socket = try connection(to: proxy)
            #expect(echo(socket, within: 2_000) == .whole)
            try await change(proxy, .refusing)
            #expect(echo(try connection(to: proxy)) == .reset)
            try await change(proxy, .swallowing)
            #expect(echo(try connection(to: proxy)) == .nothing)
            #expect(echo(socket, within: 2_000) == .whole)
        }
    }
}

/// A server on loopback that sends back what it gets.
private final class Server: Sendable {
    let port: Int
    private let listener: Int32
    private let latest = Mutex<Int32>(-1)

    init() {
        (listener, port) = (try? Socket.listen()) ?? (-1, 0)
        _ = fcntl(listener, F_SETFL, 0)
        Thread { [self] in
            while case let socket = accept(listener, nil, nil), socket >= 0 { serve(socket) }
        }.start()
    }

    private func serve(_ socket: Int32) {
        latest.withLock { $0 = socket }
        Thread {
            var bytes = [UInt8](repeating: 0, count: 64)
            while case let count = recv(socket, &bytes, bytes.count, 0), count > 0 {
                _ = send(socket, bytes, count, Int32(MSG_NOSIGNAL))
            }
            close(socket)
        }.start()
    }

    /// Ends the latest connection in good order.
    func hangUp() { latest.withLock { _ = shutdown($0, Int32(SHUT_RDWR)) } }
}
