// swift-tools-version: 6.2
import PackageDescription

let strictness: [SwiftSetting] = Context.environment["WARNINGS_AS_ERRORS"] == nil ? [] : [.treatAllWarnings(as: .error)]

let swiftSettings: [SwiftSetting] =
    strictness + [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
    ]

let package = Package(
    name: "auth-api",
    products: [.executable(name: "auth-api", targets: ["auth-api"])],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: []),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // System libraries: module maps only.
        .systemLibrary(name: "CLibpq", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        .systemLibrary(name: "CIdn2", pkgConfig: "libidn2", providers: [.apt(["libidn2-dev"])]),
        .systemLibrary(name: "CUnistring", providers: [.apt(["libunistring-dev"])]),
        .systemLibrary(name: "CZxcvbn", providers: [.apt(["libzxcvbn-dev"])]),

        // Memory for libsodium's hashes.
        .target(name: "CHashArena"),

        // Threads of the operating system, for what blocks or burns.
        .target(name: "SystemThread", swiftSettings: swiftSettings),

        // The domain.
        .target(name: "AuthCore", swiftSettings: swiftSettings),

        // Adapters: they know the domain and never each other.
        .target(
            name: "LibPQ",
            dependencies: [
                "CLibpq", "SystemThread",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
            ],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "AuthPostgres",
            dependencies: ["AuthCore", "LibPQ", .product(name: "NIOConcurrencyHelpers", package: "swift-nio")],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "AuthCrypto",
            dependencies: [
                "AuthCore", "CHashArena", "CSodium", "SystemThread",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
            ],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "AuthText",
            dependencies: ["AuthCore", "CIdn2", "CUnistring", "CZxcvbn"],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "AuthMiddleware",
            dependencies: [
                "AuthCore",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
            ],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "AuthRoutes",
            dependencies: [
                "AuthCore", "AuthMiddleware",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: swiftSettings
        ),

        // The composition: the only module that sees everything.
        .target(
            name: "AuthServer",
            dependencies: [
                "AuthCore", "AuthCrypto", "AuthMiddleware", "AuthPostgres", "AuthRoutes", "AuthText", "LibPQ", "SystemThread",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: swiftSettings
        ),
        .executableTarget(
            name: "auth-api", dependencies: ["AuthServer", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            swiftSettings: swiftSettings
        ),

        // Tests: one target for each module, and the built server as a process of its own.
        .target(
            name: "AuthTestSupport",
            dependencies: [
                "AuthCore", "AuthCrypto", "AuthPostgres", "AuthText", "LibPQ",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
            ],
            path: "Tests/AuthTestSupport", swiftSettings: swiftSettings
        ),
        .target(
            name: "ServerTestSupport",
            dependencies: ["AuthTestSupport", "LibPQ", .product(name: "NIOConcurrencyHelpers", package: "swift-nio")],
            path: "Tests/ServerTestSupport", swiftSettings: swiftSettings
        ),
        .target(
            name: "Prover",
            dependencies: [
                "AuthCore", "AuthTestSupport", "LibPQ", "ServerTestSupport", .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
            ],
            path: "Tests/Prover", swiftSettings: swiftSettings
        ),
        .executableTarget(
            name: "prove", dependencies: ["Prover", "auth-api", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "Tests/ProveCommand", swiftSettings: swiftSettings
        ),
        .executableTarget(
            name: "planted-auth-api",
            dependencies: ["AuthCore", "AuthServer", .product(name: "NIOConcurrencyHelpers", package: "swift-nio")],
            path: "Tests/PlantedFaults", swiftSettings: swiftSettings
        ),
        .testTarget(name: "ProverTests", dependencies: ["AuthCore", "Prover"], swiftSettings: swiftSettings),
        .testTarget(
            name: "LibPQTests",
            dependencies: [
                "AuthTestSupport", "LibPQ",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "AuthCoreTests", dependencies: ["AuthCore", "AuthCrypto", "AuthTestSupport", "AuthText"], swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "AuthCryptoTests",
            dependencies: [
                "AuthCore", "AuthCrypto", "CHashArena", "CSodium", .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "AuthPostgresTests",
            dependencies: [
                "AuthCore", "AuthCrypto", "AuthPostgres", "AuthTestSupport", "AuthText", "LibPQ", "ServerTestSupport",
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "AuthRoutesTests",
            dependencies: [
                "AuthCore", "AuthCrypto", "AuthMiddleware", "AuthRoutes", "AuthTestSupport", "AuthText", "ServerTestSupport",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "AuthServerTests",
            dependencies: [
                "AuthCore", "AuthServer", "AuthTestSupport",
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "AuthCore", "AuthCrypto", "AuthTestSupport", "LibPQ", "ServerTestSupport", "auth-api",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
            ],
            swiftSettings: swiftSettings
        ),
    ]
)
