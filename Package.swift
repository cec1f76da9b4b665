// swift-tools-version: 6.2
import PackageDescription

/// Every target of ours: Swift 6 language mode, warnings are errors.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]
/// The C wrappers besides: each unsafe use is marked where it stands.
let wrapper: [SwiftSetting] = strict + [.strictMemorySafety()]

let log = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let coreMetrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let tracing = Target.Dependency.product(name: "Tracing", package: "swift-distributed-tracing")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

/// One service or tool: an executable `name` built from the folder `Services/<target>`.
func executable(
    _ target: String, _ dependencies: [Target.Dependency] = [], embedding files: [String] = []
) -> Target {
    .executableTarget(
        name: target, dependencies: ["Runtime", "Contract", log, metrics, arguments] + dependencies,
        path: "Services/\(target)", resources: files.map { .embedInCode($0) }, swiftSettings: strict)
}

/// The tests of one module.
func tests(_ module: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: module + "Tests", dependencies: [.byName(name: module)] + dependencies, path: "Tests/\(module)Tests",
        swiftSettings: strict)
}

let package = Package(
    name: "caramelo",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "booking-intake", targets: ["BookingIntake"]),
        .executable(name: "pricing", targets: ["Pricing"]),
        .executable(name: "candy-accounting", targets: ["CandyAccounting"]),
        .executable(name: "stats", targets: ["Stats"]),
        .executable(name: "notifier", targets: ["Notifier"]),
        .executable(name: "dead-letter", targets: ["DeadLetter"]),
        .executable(name: "bookings", targets: ["Bookings"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.80.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.5.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.6.0"),
        // Without its JSON files, which would bring full Foundation, 54 MB, into every service.
        .package(url: "https://github.com/apple/swift-configuration", from: "1.0.0", traits: []),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.6.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.20.0", traits: []),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    ],
    targets: [
        .systemLibrary(
            name: "CRabbitMQ", path: "Shared/CRabbitMQ", pkgConfig: "librabbitmq",
            providers: [.apt(["librabbitmq-dev"])]),
        .systemLibrary(name: "CLibPQ", path: "Shared/CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        // No pkgConfig: hiredis' flags are refused by SwiftPM with a warning on every build.
        .systemLibrary(name: "CHiredis", path: "Shared/CHiredis", providers: [.apt(["libhiredis-dev"])]),
        .systemLibrary(
            name: "CCurl", path: "Shared/CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),

        // Comes with librabbitmq-dev, which is built on it.
        .systemLibrary(
            name: "CCrypto", path: "Shared/CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),

        .target(name: "ServerURL", path: "Shared/ServerURL", swiftSettings: strict),
        .target(name: "ConnectionThread", path: "Shared/ConnectionThread", swiftSettings: strict),
        .target(name: "AMQP", dependencies: ["CRabbitMQ", "ServerURL"], path: "Shared/AMQP", swiftSettings: wrapper),
        .target(
            name: "Postgres", dependencies: ["CLibPQ", "ConnectionThread", metrics], path: "Shared/Postgres",
            swiftSettings: wrapper),
        .target(
            name: "Redis", dependencies: ["CHiredis", "ConnectionThread", "ServerURL", metrics], path: "Shared/Redis",
            swiftSettings: wrapper),
        .target(
            name: "SMTP", dependencies: ["CCurl", "ConnectionThread", "ServerURL"], path: "Shared/SMTP",
            swiftSettings: wrapper),
        .target(
            name: "BrokerAPI", dependencies: ["CCurl", "Contract", "ServerURL"], path: "Shared/BrokerAPI",
            swiftSettings: wrapper),

        .target(name: "Contract", path: "Shared/Contract", swiftSettings: strict),
        .target(
            name: "Client", dependencies: ["AMQP", "ConnectionThread", "Contract"], path: "Shared/Client",
            swiftSettings: strict),
        .target(
            name: "Runtime",
            dependencies: [
                "AMQP", "ConnectionThread", "Contract", "ServerURL", log, metrics, coreMetrics, lifecycle, tracing,
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                hummingbird, nioCore, .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            path: "Shared/Runtime", swiftSettings: strict),

        .target(name: "Terminal", dependencies: ["Contract"], path: "Shared/Terminal", swiftSettings: strict),
        .target(
            name: "Commands", dependencies: ["AMQP", "Client", "Contract", "Terminal", arguments],
            path: "Shared/Commands",
            swiftSettings: strict),
        .target(
            name: "LetterStore",
            dependencies: ["AMQP", "ConnectionThread", "Contract", "Runtime", "Terminal", log, metrics],
            path: "Shared/LetterStore", swiftSettings: strict),

        executable("BookingIntake", ["AMQP", "Postgres"]),
        executable("Pricing"),
        executable("CandyAccounting"),
        executable("Stats", ["Client", "Redis", "Terminal"]),
        executable("Notifier", ["AMQP", "SMTP"]),
        executable(
            "DeadLetter",
            [
                "AMQP", "BrokerAPI", "CCrypto", "Client", "Commands", "LetterStore", "ServerURL", "Terminal", signals,
                hummingbird, nioCore,
            ], embedding: ["Page/page.css", "Page/page.js", "Page/icon.svg"]),
        executable("Bookings", ["AMQP", "Client", "Commands", "Terminal", signals]),
        .executableTarget(
            name: "caramelo-demo",
            dependencies: ["AMQP", "Client", "Contract", "Terminal", arguments], path: "Tests/Demo",
            swiftSettings: strict),

        tests("Postgres"), tests("Redis", ["ServerURL"]), tests("Contract"), tests("AMQP"),
        tests("Bookings", ["Contract"]),
        tests("Terminal"), tests("LetterStore", ["AMQP", "Contract", "Runtime"]),
        tests(
            "Runtime",
            ["AMQP", "Contract", log, coreMetrics, .product(name: "Configuration", package: "swift-configuration")]),
        tests("BookingIntake", ["Postgres", "Support"]),
        tests("SMTP", ["MailServer", "ServerURL"]),
        tests(
            "Notifier",
            [
                "AMQP", "Contract", "MailServer", "Runtime", "SMTP", log,
                .product(name: "Configuration", package: "swift-configuration"),
            ]),
        .target(name: "MailServer", path: "Tests/MailServer", exclude: ["server.py"], swiftSettings: strict),
        .target(
            name: "Support",
            dependencies: ["AMQP", "Client", "Contract", "Postgres", "Runtime", "Terminal", signals],
            path: "Tests/Support", swiftSettings: strict),
        .target(name: "Model", path: "Tests/Model", swiftSettings: strict),
        .target(
            name: "Checking", dependencies: ["AMQP", "Client", "Contract", "Model", "Support"], path: "Tests/Checking",
            swiftSettings: strict),
        tests("Model", ["AMQP", "Checking", "Client", "Contract", "Support"]),
        .executableTarget(
            name: "caramelo-chaos",
            dependencies: [
                "AMQP", "Checking", "Client", "Contract", "Model", "Postgres", "Runtime", "Support", "Terminal",
                arguments,
            ], path: "Tests/Chaos", swiftSettings: strict),
        .testTarget(
            name: "ChaosTests", dependencies: ["caramelo-chaos", "AMQP", "Checking", "Contract", "Model", "Support"],
            path: "Tests/ChaosTests", swiftSettings: strict),
        .executableTarget(
            name: "caramelo-bench",
            dependencies: [
                "AMQP", "Checking", "Client", "Contract", "Runtime", "Support", "Terminal", arguments,
                .product(name: "Histogram", package: "hdrhistogram-swift"),
            ], path: "Tests/Bench", exclude: ["DECISION.md", "README.md"], swiftSettings: strict),
        .testTarget(
            name: "BenchTests", dependencies: ["caramelo-bench", "Support"], path: "Tests/BenchTests",
            swiftSettings: strict),
        .testTarget(
            name: "IntegrationTests", dependencies: ["AMQP", "Client", "Contract", "Support"],
            path: "Tests/IntegrationTests", swiftSettings: strict),
        .executableTarget(
            name: "poison-consumer", dependencies: ["Contract", "Runtime", log], path: "Tests/Poison",
            swiftSettings: strict),
        .testTarget(
            name: "ClusterTests", dependencies: ["AMQP", "Client", "Contract", "Support"], path: "Tests/ClusterTests",
            swiftSettings: strict),
    ]
)

// Consumers that break a promise, for the proof that the chaos command notices; nobody else builds them.
if Context.environment["CARAMELO_BROKEN_CONSUMERS"] != nil {
    func broken(_ name: String, _ folder: String, _ dependencies: [Target.Dependency], without file: String? = nil) {
        package.targets.append(
            .executableTarget(
                name: name, dependencies: ["Runtime", "Contract", log, metrics, arguments] + dependencies,
                path: "Tests/Broken/\(folder)", exclude: file.map { ["Service/\($0)"] } ?? [], swiftSettings: strict))
    }
    broken("broken-acks-early", "AcksEarly", ["AMQP", "Postgres"])
    broken("broken-counts-twice", "CountsTwice", ["Redis"])
    broken("broken-seats-unlocked", "SeatsUnlocked", ["AMQP", "Postgres"], without: "BookingStore+Seats.swift")
}
