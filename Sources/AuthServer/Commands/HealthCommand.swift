import ArgumentParser
import Configuration
import Logging
import NIOCore
import NIOPosix

/// For health checks in containers that have no curl.
struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health", abstract: "Ask the server on HOST and PORT whether it is ready; exit 0 if it is.")

    private static let timeout: TimeAmount = .seconds(3)

    func run() async throws {
        let server: ListeningAddress
        do {
            server = try ListeningAddress.load(from: ConfigReader(provider: EnvironmentVariablesProvider()))
        } catch {
            throw Refusal("\(error)")
        }
        let answer: String
        do { answer = try await ask(server) } catch { throw Refusal("no server answers on \(server): \(Self.reason(error))") }
        guard answer.hasPrefix("HTTP/1.1 200") else { throw Refusal("the server on \(server) is not ready: it answered \(answer)") }
    }

    private static func reason(_ error: any Error) -> String {
        if let failure = error as? NIOConnectionError { return failure.connectionErrors.first.map { reason($0.error) } ?? "unknown" }
        return (error as? IOError).map { SystemError.text($0.errnoCode) } ?? "\(error)"
    }

    /// - Returns: the status line of the answer; empty if the connection ended without one.
    private func ask(_ server: ListeningAddress) async throws -> String {
        let host = server.reachableHost
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(Self.timeout)
            .connect(host: host, port: server.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    if server.isSecure { try TLSFiles.addClientHandler(to: channel) }
                    try channel.pipeline.syncOperations.addHandler(IdleStateHandler(readTimeout: Self.timeout))
                    return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        let request = "GET /readyz HTTP/1.1\r\nHost: \(host.contains(":") ? "[\(host)]" : host)\r\nConnection: close\r\n\r\n"
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: request))
            var head = ""
            for try await chunk in inbound where !head.utf8.contains(0x0D) { head += String(buffer: chunk) }
            return String(head.utf8.prefix { $0 != 0x0D }) ?? ""
        }
    }
}

/// The address on which the server listens, and whether it uses TLS, without the other settings.
struct ListeningAddress: CustomStringConvertible {
    let host: String
    let port: Int
    let isSecure: Bool

    /// - Throws: ``ConfigurationError`` with every problem of these settings.
    static func load(from source: ConfigReader) throws -> ListeningAddress {
        var reader = SettingReader(source: source)
        let address = ListeningAddress(
            host: reader(ListeningSettings.host).text, port: reader(ListeningSettings.port),
            isSecure: ListeningSettings.tlsFiles(&reader) != nil)
        guard reader.problems.isEmpty else { throw ConfigurationError(problems: reader.problems) }
        return address
    }

    /// A server that listens on every address also listens on loopback.
    var reachableHost: String { ["0.0.0.0": "127.0.0.1", "::": "::1"][host] ?? host }

    var description: String { "\(reachableHost), port \(port)" }
}
