import Foundation
import Glibc
import Support
import Synchronization

/// The network between one service and one server: a port on loopback that passes on what both say, as they say it, until
/// it is told to do otherwise.
///
/// A thread of its own waits for all its connections with poll(2). @unchecked Sendable because the connections are touched
/// on that thread only, and the rest is constant or behind the mutex.
final class Proxy: @unchecked Sendable {
    /// What a network can be like.
    enum Network: Sendable, Equatable, CustomStringConvertible {
        case fine
        /// Everything takes so many milliseconds longer, and no more than 64 KiB are under way in that time.
        case slow(Int)
        /// What there is, is reset, and so is what comes new.
        case cut
        /// What there is goes on; what comes new is reset.
        case refusing
        /// What there is goes on; what comes new is taken, and never answered.
        case swallowing
        /// Nothing comes through in these directions, and is held until it can; nobody gets a new connection through.
        case blocked(Set<Direction>)
        /// The server loses what there is, the service is told nothing; what comes new is fine.
        case halfOpen

        var description: String {
            switch self {
            case .fine: "fine"
            case .slow(let milliseconds): "\(milliseconds) ms slower"
            case .cut: "cut"
            case .refusing: "nothing new, refused"
            case .swallowing: "nothing new, unanswered"
            case .blocked([.toServer]): "nothing to the server"
            case .blocked([.toService]): "nothing to the service"
            case .blocked: "nothing either way"
            case .halfOpen: "half-open"
            }
        }
    }
    enum Direction: Int, Sendable { case toServer, toService }

    /// Where the service finds the server.
    let port: Int
    private let target: Int
    private let listener: Int32
    private let wakeUp: (read: Int32, write: Int32)
    /// The networks that were ordered and are still to be brought about; nil is the end.
    private let orders = Mutex<[Network?]>([])
    private var network = Network.fine
    private var connections: [ProxiedConnection] = []

    /// Listens for a server at a port on loopback.
    init(to target: Int) throws {
        self.target = target
        (listener, port) = try Socket.listen()
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw TestFailure("no pipe for a proxy") }
        for end in ends { Socket.prepare(end) }
        wakeUp = (ends[0], ends[1])
        let thread = Thread { self.run() }
        thread.name = "proxy"
        thread.start()
    }

    /// Changes the network, a moment later.
    func set(_ network: Network) { order(network) }

    /// Resets everything and listens no more.
    func stop() { order(nil) }

    private func order(_ network: Network?) {
        orders.withLock { orders in
            orders.append(network)
            // Before the thread can obey: at the end it closes the other end, and a write then would end the process.
            _ = write(wakeUp.write, [1], 1)
        }
    }

    private func run() {
        while obey() {
            let now = ContinuousClock.now
            var files = [wakeUp.read, listener].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            for connection in connections { files += connection.interests(network, now) }
            let due = connections.compactMap(\.due).min().map { max(0, ($0 - now) / .milliseconds(1)) + 1 }
            guard poll(&files, nfds_t(files.count), due.map { Int32($0) } ?? -1) >= 0 || errno == EINTR else { break }
            for index in connections.indices {
                let events = files[(2 + 2 * index)..<(4 + 2 * index)]
                if events.contains(where: { $0.revents != 0 }) { connections[index].pass(network) }
            }
            connections.removeAll(where: \.isOver)
            if files[0].revents != 0 {
                var bytes: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0]
                _ = read(wakeUp.read, &bytes, bytes.count)
            }
            if files[1].revents != 0 { accept() }
        }
        for file in [listener, wakeUp.read] { close(file) }
    }

    /// Brings about what was ordered.
    /// - Returns: whether to go on.
    private func obey() -> Bool {
        let orders = orders.withLock { orders in
            defer { orders = [] }
            return orders
        }
        for order in orders {
            let isCut = order == nil || order == .cut
            for index in connections.indices {
                if isCut || connections[index].hasNoServer { connections[index].reset() }
                if order == .halfOpen { connections[index].closeServer() }
            }
            connections.removeAll(where: \.isOver)
            guard let order else { return false }
            network = order
        }
        return true
    }

    private func accept() {
        let client = Glibc.accept(listener, nil, nil)
        guard client >= 0 else { return }
        Socket.prepare(client)
        Socket.noDelay(client)
        switch network {
        case .cut, .refusing: Socket.reset(client)
        case .swallowing, .blocked: connections.append(ProxiedConnection(client: client, server: -1))
        case .fine, .slow, .halfOpen:
            if let server = Socket.connect(to: target) {
                connections.append(ProxiedConnection(client: client, server: server))
            } else {
                Socket.reset(client)
            }
        }
    }
}

/// Sockets on loopback that never block.
enum Socket {
    private static func make() -> Int32 {
        socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
    }

    private static func withAddress(_ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        address.sin_port = UInt16(port).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    /// Never lets it block, nor be inherited.
    static func prepare(_ file: Int32) {
        _ = fcntl(file, F_SETFD, FD_CLOEXEC)
        _ = fcntl(file, F_SETFL, O_NONBLOCK)
    }

    /// A socket that listens on a free port.
    static func listen() throws -> (socket: Int32, port: Int) {
        let listener = make()
        for _ in 0..<1_000 {
            // Below the range from which the kernel takes ports for outgoing connections, above that of the servers.
            let port = Int.random(in: 32_100..<32_700)
            if withAddress(port, { bind(listener, $0, $1) }) == 0, Glibc.listen(listener, 128) == 0 {
                return (listener, port)
            }
        }
        throw TestFailure("no free port for a proxy")
    }

    /// A connection, or one that is being made; nil where nobody listens.
    static func connect(to port: Int) -> Int32? {
        let socket = make()
        if withAddress(port, { Glibc.connect(socket, $0, $1) }) == 0 || errno == EINPROGRESS {
            noDelay(socket)
            return socket
        }
        close(socket)
        return nil
    }

    /// Sends at once what is to be sent.
    static func noDelay(_ socket: Int32) {
        var yes: Int32 = 1
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Closes it with a reset instead of a farewell.
    static func reset(_ socket: Int32) {
        var now = linger(l_onoff: 1, l_linger: 0)
        setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
        close(socket)
    }
}
