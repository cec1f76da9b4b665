import Foundation

/// One connection through a proxy: the service's socket and the server's, and what is under way between them.
struct ProxiedConnection {
    private struct Flow {
        /// What one side has said and the other has not yet heard.
        var bytes: ArraySlice<UInt8> = []
        /// When it may be passed on.
        var due = ContinuousClock.now
        var end = End.open
        /// Whether the other side knows that there comes no more.
        var isEndPassedOn = false
    }
    private enum End { case open, closed, reset }

    /// The service's and the server's; what the first says goes by the first flow.
    private var sockets: [Int32]
    private var flows = [Flow(), Flow()]
    /// Whether both sides are closed.
    private(set) var isOver = false

    private static let largest = 65_536

    /// - Parameter server: -1 where there is none, so that whatever the service says gets no answer.
    init(client: Int32, server: Int32) {
        sockets = [client, server]
    }

    /// Whether the service is connected to nothing.
    var hasNoServer: Bool { sockets[1] < 0 }

    /// When something that is held back may go on, if that is all that it waits for.
    var due: ContinuousClock.Instant? {
        let now = ContinuousClock.now
        return flows.filter { !$0.bytes.isEmpty && $0.due > now }.map(\.due).min()
    }

    /// What to wait for, of the service's socket and of the server's.
    func interests(_ network: Proxy.Network, _ now: ContinuousClock.Instant) -> [pollfd] {
        var files = sockets.map { pollfd(fd: $0, events: 0, revents: 0) }
        if hasNoServer {
            files[0].events = Int16(POLLIN)
            return files
        }
        for (index, flow) in flows.enumerated() where !network.blocks(index) {
            if flow.bytes.isEmpty, flow.end == .open { files[index].events |= Int16(POLLIN) }
            if !flow.bytes.isEmpty, flow.due <= now { files[1 - index].events |= Int16(POLLOUT) }
        }
        // Closed sockets are reported whatever one waits for.
        return files.map { $0.events == 0 ? pollfd(fd: -1, events: 0, revents: 0) : $0 }
    }

    /// Passes on what can be.
    mutating func pass(_ network: Proxy.Network) {
        if hasNoServer { return listenToNoEffect() }
        for index in flows.indices where !isOver && !network.blocks(index) {
            hear(index, delay: network.delay)
            tell(index)
            if flows[index].bytes.isEmpty, flows[index].end != .open { passOnEnd(index) }
        }
        if !isOver, flows.allSatisfy(\.isEndPassedOn) { closeBoth() }
    }

    private mutating func hear(_ index: Int, delay: Duration) {
        guard flows[index].bytes.isEmpty, flows[index].end == .open else { return }
        var count = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: Self.largest) { buffer, used in
            count = recv(sockets[index], buffer.baseAddress, buffer.count, 0)
            used = max(0, count)
        }
        if count > 0 {
            flows[index].bytes = bytes[...]
            flows[index].due = .now + delay
        } else if count == 0 {
            flows[index].end = .closed
        } else if errno != EAGAIN, errno != EINTR {
            flows[index].end = .reset
        }
    }

    private mutating func tell(_ index: Int) {
        guard !flows[index].bytes.isEmpty, flows[index].due <= .now else { return }
        let count = flows[index].bytes.withUnsafeBytes {
            send(sockets[1 - index], $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        if count >= 0 {
            flows[index].bytes.removeFirst(count)
        } else if errno != EAGAIN, errno != EINTR {
            // The listener is gone with a reset, which goes back the other way.
            flows[index].bytes = []
            flows[1 - index].bytes = []
            flows[1 - index].end = .reset
        }
    }

    private mutating func passOnEnd(_ index: Int) {
        if flows[index].end == .reset { return reset() }
        if flows[index].isEndPassedOn { return }
        flows[index].isEndPassedOn = true
        shutdown(sockets[1 - index], Int32(SHUT_WR))
    }

    private mutating func listenToNoEffect() {
        var bytes = [UInt8](repeating: 0, count: Self.largest)
        let count = recv(sockets[0], &bytes, bytes.count, 0)
        if count == 0 || count < 0 && errno != EAGAIN && errno != EINTR { closeBoth() }
    }

    /// Closes the server's side only.
    mutating func closeServer() {
        guard !hasNoServer else { return }
        close(sockets[1])
        sockets[1] = -1
        flows = [Flow(), Flow()]
    }

    /// Resets both sides.
    mutating func reset() {
        for socket in sockets where socket >= 0 { Socket.reset(socket) }
        isOver = true
    }

    private mutating func closeBoth() {
        for socket in sockets where socket >= 0 { close(socket) }
        isOver = true
    }
}

extension Proxy.Network {
    /// Whether nothing comes through in a direction, by its number.
    func blocks(_ index: Int) -> Bool {
        guard case .blocked(let directions) = self, let direction = Proxy.Direction(rawValue: index) else {
            return false
        }
        return directions.contains(direction)
    }

    /// How much longer everything takes.
    var delay: Duration {
        if case .slow(let milliseconds) = self { .milliseconds(milliseconds) } else { .zero }
    }
}
