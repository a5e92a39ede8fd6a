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

/// The commit for `auth-api --version`: the one that the caller names, else the one that git reports for this folder.
let commit = Context.environment["AUTH_API_COMMIT"] ?? Context.gitInformation?.currentCommit ?? "unknown"

extension Target.Dependency {
    static let hummingbird = product(name: "Hummingbird", package: "hummingbird")
    static let hummingbirdCore = product(name: "HummingbirdCore", package: "hummingbird")
    static let hummingbirdTesting = product(name: "HummingbirdTesting", package: "hummingbird")
    static let argumentParser = product(name: "ArgumentParser", package: "swift-argument-parser")
    static let dequeModule = product(name: "DequeModule", package: "swift-collections")
    static let configuration = product(name: "Configuration", package: "swift-configuration")
    static let httpTypes = product(name: "HTTPTypes", package: "swift-http-types")
    static let mustache = product(name: "Mustache", package: "swift-mustache")
    static let logging = product(name: "Logging", package: "swift-log")
    static let nioConcurrencyHelpers = product(name: "NIOConcurrencyHelpers", package: "swift-nio")
    static let nioCore = product(name: "NIOCore", package: "swift-nio")
    static let nioEmbedded = product(name: "NIOEmbedded", package: "swift-nio")
    static let nioHTTP1 = product(name: "NIOHTTP1", package: "swift-nio")
    static let nioPosix = product(name: "NIOPosix", package: "swift-nio")
    static let nioHTTPTypes = product(name: "NIOHTTPTypes", package: "swift-nio-extras")
    static let nioSSL = product(name: "NIOSSL", package: "swift-nio-ssl")
    static let serviceLifecycle = product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
    static let unixSignals = product(name: "UnixSignals", package: "swift-service-lifecycle")
    static let authTLS = target(name: "AuthTLS", condition: .when(traits: ["TLS"]))
}

func module(_ name: String, uses dependencies: Target.Dependency..., path: String? = nil) -> Target {
    .target(name: name, dependencies: dependencies, path: path, swiftSettings: swiftSettings)
}

func executable(_ name: String, uses dependencies: Target.Dependency..., path: String? = nil) -> Target {
    .executableTarget(name: name, dependencies: dependencies, path: path, swiftSettings: swiftSettings)
}

func tests(_ name: String, uses dependencies: Target.Dependency...) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: swiftSettings)
}

let package = Package(
    name: "auth-api",
    products: [.executable(name: "auth-api", targets: ["auth-api"])],
    traits: [
        .trait(name: "TLS", description: "The server speaks TLS. It needs BoringSSL, which takes half of the time of a first build."),
        .default(enabledTraits: ["TLS"]),
    ],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: []),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
        .package(url: "https://github.com/apple/swift-configuration", exact: "1.4.0", traits: []),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", exact: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
    ],
    targets: [
        // System libraries: module maps only.
        .systemLibrary(name: "CLibpq", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CIdn2", pkgConfig: "libidn2", providers: [.apt(["libidn2-dev"])]),
        .systemLibrary(name: "CUnistring", providers: [.apt(["libunistring-dev"])]),
        .systemLibrary(name: "CZxcvbn", providers: [.apt(["libzxcvbn-dev"])]),
        .systemLibrary(name: "CLibcurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),

        // The commit of this build. Only the executable's module uses it, so that a new commit recompiles nothing else.
        .target(name: "CBuildInformation", cSettings: [.define("BUILD_COMMIT", to: String(commit.prefix(12)))]),

        // Memory for libsodium's hashes.
        .target(name: "CHashArena"),

        // libcurl's functions with a variable number of arguments, which Swift cannot call.
        .target(name: "CCurl", dependencies: ["CLibcurl"]),

        // Threads of the operating system, for work that blocks or takes long.
        module("SystemThread"),

        // The domain.
        module("AuthCore"),

        // What the templates of mails and of pages share.
        module("AuthTemplates", uses: .mustache),

        // Adapters: they know the domain and never each other.
        module("LibPQ", uses: "CLibpq", "SystemThread", .dequeModule, .logging, .nioConcurrencyHelpers),
        module("AuthPostgres", uses: "AuthCore", "LibPQ", .nioConcurrencyHelpers),
        module("AuthCrypto", uses: "AuthCore", "CHashArena", "COpenSSL", "CSodium", "SystemThread", .nioConcurrencyHelpers),
        module("AuthText", uses: "AuthCore", "CIdn2", "CUnistring", "CZxcvbn"),

        module("AuthMail", uses: "AuthCore", "AuthTemplates", "CCurl", "CLibcurl", "SystemThread", .mustache, .nioConcurrencyHelpers),

        // HTTP, from the outside to the inside.
        module("HTTPEdge", uses: .hummingbirdCore, .httpTypes, .logging, .nioConcurrencyHelpers, .nioCore, .nioHTTP1, .nioHTTPTypes),
        module("AuthMiddleware", uses: "AuthCore", "HTTPEdge", .hummingbird, .httpTypes, .logging, .nioCore, .nioHTTP1),
        module(
            "AuthFastPath", uses: "AuthCore", "AuthMiddleware", "HTTPEdge", .hummingbirdCore, .httpTypes, .logging, .nioConcurrencyHelpers,
            .nioCore),
        module("AuthPages", uses: "AuthCore", "AuthMiddleware", "AuthTemplates", "HTTPEdge", .hummingbird, .httpTypes, .mustache, .nioCore),
        module(
            "AuthRoutes", uses: "AuthCore", "AuthFastPath", "AuthMiddleware", "AuthPages", "HTTPEdge", .hummingbird, .httpTypes, .nioCore),

        // TLS 1.2 and 1.3 for the server's own socket.
        module("AuthTLS", uses: .logging, .nioConcurrencyHelpers, .nioCore, .nioSSL, .serviceLifecycle),

        // The composition: the only module that sees everything.
        module(
            "AuthServer", uses: "AuthCore", "AuthCrypto", "AuthFastPath", "AuthMail", "AuthMiddleware", "AuthPages", "AuthPostgres",
            "AuthRoutes", "AuthText", "HTTPEdge", "LibPQ", "SystemThread", .authTLS, .argumentParser, .configuration, .hummingbird,
            .hummingbirdCore, .logging, .nioConcurrencyHelpers, .nioCore, .nioPosix, .serviceLifecycle, .unixSignals),
        executable("auth-api", uses: "AuthServer", "CBuildInformation", .argumentParser),

        // Tests: one target for each module, and the built server as a process of its own.
        module(
            "AuthTestSupport", uses: "AuthCore", "AuthCrypto", "AuthPostgres", "AuthText", "LibPQ", .logging, .nioConcurrencyHelpers,
            path: "Tests/AuthTestSupport"),
        module("ServerTestSupport", uses: "AuthTestSupport", "LibPQ", .nioConcurrencyHelpers, path: "Tests/ServerTestSupport"),
        module("Prover", uses: "AuthCore", "AuthTestSupport", "LibPQ", "ServerTestSupport", .nioConcurrencyHelpers, path: "Tests/Prover"),
        executable("prove", uses: "Prover", "auth-api", .argumentParser, path: "Tests/ProveCommand"),
        executable("planted-auth-api", uses: "AuthCore", "AuthServer", .nioConcurrencyHelpers, path: "Tests/PlantedFaults"),
        tests("ProverTests", uses: "AuthCore", "Prover"),
        tests("LibPQTests", uses: "AuthTestSupport", "LibPQ", .logging, .nioConcurrencyHelpers),
        tests("AuthCoreTests", uses: "AuthCore", "AuthCrypto", "AuthTestSupport", "AuthText"),
        tests("AuthCryptoTests", uses: "AuthCore", "AuthCrypto", "CHashArena", "CSodium", .nioConcurrencyHelpers),
        tests("AuthMailTests", uses: "AuthCore", "AuthMail", "AuthTestSupport", "AuthText", "ServerTestSupport", .nioConcurrencyHelpers),
        tests(
            "AuthPostgresTests", uses: "AuthCore", "AuthCrypto", "AuthPostgres", "AuthTestSupport", "AuthText", "LibPQ",
            "ServerTestSupport", .nioConcurrencyHelpers),
        tests(
            "AuthRoutesTests", uses: "AuthCore", "AuthCrypto", "AuthFastPath", "AuthMiddleware", "AuthRoutes", "AuthTestSupport",
            "AuthText", "HTTPEdge", "ServerTestSupport", .hummingbird, .hummingbirdTesting, .httpTypes, .logging, .serviceLifecycle,
            .nioCore, .nioEmbedded),
        tests(
            "AuthServerTests", uses: "AuthCore", "AuthCrypto", "AuthServer", "AuthTestSupport", .configuration, .logging,
            .nioConcurrencyHelpers, .nioPosix),
        tests(
            "EndToEndTests", uses: "AuthCore", "AuthCrypto", "AuthPostgres", "AuthTestSupport", "LibPQ", "ServerTestSupport", "auth-api",
            .logging, .nioConcurrencyHelpers),
    ]
)
