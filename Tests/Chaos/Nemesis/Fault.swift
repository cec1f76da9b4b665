/// A kind of fault that the nemesis can inject; the raw values are the names that `--faults` takes.
enum Fault: String, CaseIterable, Sendable {
    case kill
    case killAll = "kill-all"
    case killSeveral = "kill-several"
    case killAgain = "kill-again"
    case gaps
    case freeze
    case rollingRestart = "rolling-restart"
    case clock
    case networkCut = "network-cut"
    case networkOneWay = "network-one-way"
    case networkSlow = "network-slow"
    case networkHalfOpen = "network-half-open"
    case networkRefused = "network-refused"
    case rabbitmqStopped = "rabbitmq-stopped"
    case rabbitmqKilled = "rabbitmq-killed"
    case rabbitmqMemory = "rabbitmq-memory"
    case rabbitmqDisk = "rabbitmq-disk"
    case queueDeleted = "queue-deleted"
    case connectionsClosed = "connections-closed"
    case postgresKilled = "postgres-killed"
    case postgresRestarted = "postgres-restarted"
    case postgresFull = "postgres-full"
    case postgresLocked = "postgres-locked"
    case postgresFrozen = "postgres-frozen"
    case redisKilled = "redis-killed"
    case redisRestarted = "redis-restarted"
    case redisWiped = "redis-wiped"

    /// What it does, in a line.
    var description: String {
        switch self {
        case .kill: "SIGKILL of one replica of a service"
        case .killAll: "SIGKILL of all replicas of a service at once"
        case .killSeveral: "SIGKILL of one replica of several services at once"
        case .killAgain: "SIGKILL of the same replica every second, for ten seconds"
        case .gaps: "SIGKILL of services in each gap between two steps of their work, all the time"
        case .freeze: "SIGSTOP of a replica for longer than two heartbeats (25 s)"
        case .rollingRestart: "SIGTERM of all replicas of a service, one after the other"
        case .clock: "a replica's clock jumps by hours or days, and back (libfaketime)"
        case .networkCut: "connections between a service and a server are reset, new ones too"
        case .networkOneWay: "nothing comes through between a service and a server in one direction, or either"
        case .networkSlow: "everything between a service and a server takes 0.1 to 1 s longer"
        case .networkHalfOpen: "a server loses its connections to a service, which is told nothing"
        case .networkRefused: "new connections of a service to a server are refused, or never answered"
        case .rabbitmqStopped: "RabbitMQ is stopped, and started again"
        case .rabbitmqKilled: "SIGKILL of RabbitMQ"
        case .rabbitmqMemory: "RabbitMQ has a memory alarm: publishers are blocked"
        case .rabbitmqDisk: "RabbitMQ has a disk alarm: publishers are blocked"
        case .queueDeleted: "a queue is deleted with what it holds; none that may hold commands"
        case .connectionsClosed: "all connections to RabbitMQ are closed by its management API"
        case .postgresKilled: "SIGKILL of PostgreSQL"
        case .postgresRestarted: "PostgreSQL is stopped, and started again at once"
        case .postgresFull: "PostgreSQL has no connection left"
        case .postgresLocked: "the table of bookings is locked"
        case .postgresFrozen: "SIGSTOP of PostgreSQL"
        case .redisKilled: "SIGKILL of Redis"
        case .redisRestarted: "Redis is stopped, and started again at once"
        case .redisWiped: "Redis forgets everything (FLUSHALL)"
        }
    }

    /// Faults of a lane come one after the other, those of different lanes at the same time.
    enum Lane: UInt64, CaseIterable, Sendable { case kills, services, servers }

    /// The lane to which it belongs; nil for the gaps, which take their own time.
    var lane: Lane? {
        switch self {
        case .kill, .killAll, .killSeveral, .killAgain: .kills
        case .gaps: nil
        case .freeze, .rollingRestart, .clock, .networkCut, .networkOneWay, .networkSlow, .networkHalfOpen,
            .networkRefused:
            .services
        case .rabbitmqStopped, .rabbitmqKilled, .rabbitmqMemory, .rabbitmqDisk, .queueDeleted, .connectionsClosed,
            .postgresKilled, .postgresRestarted, .postgresFull, .postgresLocked, .postgresFrozen, .redisKilled,
            .redisRestarted, .redisWiped:
            .servers
        }
    }

    /// Seconds for which it lasts.
    var length: ClosedRange<Double> {
        switch self {
        case .kill, .killAll, .killSeveral, .gaps, .rollingRestart, .queueDeleted, .connectionsClosed,
            .postgresRestarted, .redisRestarted, .redisWiped:
            0...0
        case .killAgain: 10...10
        case .freeze: 25...25
        case .clock, .networkSlow: 6...12
        case .networkCut: 2...8
        case .networkOneWay, .networkHalfOpen: 12...35
        case .networkRefused, .postgresLocked, .postgresFrozen, .rabbitmqMemory, .rabbitmqDisk: 4...12
        case .rabbitmqStopped, .rabbitmqKilled, .postgresKilled, .redisKilled: 0...5
        case .postgresFull: 5...10
        }
    }

    /// Seconds that it takes besides, about.
    var overhead: Double {
        switch self {
        case .rabbitmqStopped: 14
        case .rabbitmqKilled, .rollingRestart: 6
        case .clock: 5
        case .postgresFull, .rabbitmqMemory, .rabbitmqDisk: 1.5
        default: 0.5
        }
    }
}
