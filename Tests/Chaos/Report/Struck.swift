import Support

/// What a kind of fault strikes: the groups of the plot, in their order.
enum Struck: String, CaseIterable {
    case services
    case clocks
    case network = "the network between"
    case broker = "RabbitMQ"
    case database = "PostgreSQL"
    case redis = "Redis"

    /// - Parameter fault: its name, as `--faults` takes it.
    init(_ fault: String) {
        self =
            switch fault.split(separator: "-").first {
            case "clock": .clocks
            case "network": .network
            case "rabbitmq", "queue", "connections": .broker
            case "postgres": .database
            case "redis": .redis
            default: .services
            }
    }

    /// Its colour in the style.
    var colour: Markup {
        switch self {
        case .services: "service"
        case .clocks: "clock"
        case .network: "network"
        case .broker: "broker"
        case .database: "database"
        case .redis: "redis"
        }
    }

    /// Its place among the groups.
    var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
