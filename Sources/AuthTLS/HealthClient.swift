public import NIOCore
import NIOSSL

/// TLS for a client that asks a server on its own machine for health, and sends nothing secret.
public enum HealthClient {
    /// Adds the handler. The certificate is not verified: it names another host than the one that is asked.
    public static func addHandler(to channel: any Channel) throws {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        let handler = try NIOSSLClientHandler(context: NIOSSLContext(configuration: configuration), serverHostname: nil)
        try channel.pipeline.syncOperations.addHandler(handler)
    }
}
