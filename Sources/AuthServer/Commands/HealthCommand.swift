import ArgumentParser
import NIOCore
import NIOPosix
import NIOSSL

/// For container health checks, where no curl is.
struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health", abstract: "Ask the server on HOST and PORT whether it is ready; exit 0 if it is.")

    private static let patience: TimeAmount = .seconds(3)

    /// Its certificate names another host than the one that it is asked on; and nothing secret is said.
    private static var ownServer: TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        return configuration
    }

    func run() async throws {
        let configuration = try ServerConfiguration.fromEnvironment()
        let host = ["0.0.0.0", "::"].contains(configuration.host) ? "127.0.0.1" : configuration.host
        guard try await isReady(host: host, port: configuration.port, isSecure: configuration.tls != nil) else { throw ExitCode.failure }
    }

    private func isReady(host: String, port: Int, isSecure: Bool) async throws -> Bool {
        let tls = isSecure ? try NIOSSLContext(configuration: Self.ownServer) : nil
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(Self.patience)
            .connect(host: host, port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: tls, serverHostname: nil)) }
                    try channel.pipeline.syncOperations.addHandler(IdleStateHandler(readTimeout: Self.patience))
                    return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        let request = "GET /readyz HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n"
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: request))
            var status = ""
            for try await chunk in inbound where status.utf8.count < 12 { status += String(buffer: chunk) }
            return status.hasPrefix("HTTP/1.1 200")
        }
    }
}
