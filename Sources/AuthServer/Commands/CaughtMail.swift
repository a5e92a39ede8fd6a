import AuthCore
import FoundationEssentials
import NIOCore
import NIOPosix

/// A mail of the catcher in a server that runs on this machine.
struct CaughtMail: Decodable {
    let id: String
    let text: String

    private static let path = "/mails.json"
    private static let timeout: Duration = .seconds(3)
    /// More than all mails of a catcher.
    private static let maximumOctets = 64 * 1024 * 1024

    /// Asks the listener for operators.
    ///
    /// - Returns: `nil` if mails go to a mail server, in production, or if no server answers with the mail.
    static func find(_ id: MailID, _ configuration: ServerConfiguration) async -> CaughtMail? {
        guard configuration.environment == .development, configuration.mail.server == nil, let port = configuration.operations.port,
            let answer = await ask(configuration.operations.host, port),
            let body = answer.firstRange(of: Array("\r\n\r\n".utf8)).map({ end in answer[end.upperBound...] }),
            let mails = try? JSONDecoder().decode([CaughtMail].self, from: Data(body))
        else { return nil }
        return mails.first { mail in UUID(uuidString: mail.id) == id.uuid }
    }

    /// - Returns: the octets of the answer until its end; `nil` if there is none in time.
    private static func ask(_ host: String, _ port: Int) async -> [UInt8]? {
        await withTaskGroup(of: [UInt8]?.self) { group in
            group.addTask { try? await answer(of: host, port) }
            group.addTask {
                try? await Task.sleep(for: timeout)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    private static func answer(of host: String, _ port: Int) async throws -> [UInt8] {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(TimeAmount(timeout))
            .connect(host: host, port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        let request = "GET \(path) HTTP/1.1\r\nHost: \(host.contains(":") ? "[\(host)]" : host)\r\nConnection: close\r\n\r\n"
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: request))
            var answer: [UInt8] = []
            for try await chunk in inbound where answer.count < maximumOctets { answer += chunk.readableBytesView }
            return answer
        }
    }
}
