import AuthCore
import AuthMiddleware
import HTTPEdge
import Logging

extension HTTPOptions {
    init(_ configuration: ServerConfiguration, logger: Logger) {
        self.init(addresses: ClientAddress(proxies: configuration.listening.trustedProxies), logger: logger)
        limits.idleSeconds = configuration.connections.idleTimeout.components.seconds
        (origins, allowedHeaders) = (configuration.browsers.origins, configuration.browsers.headers)
        isSecure = configuration.listening.tls != nil
        issuer = configuration.issuer
        (service, publicURL) = (configuration.mail.policy.service, configuration.mail.policy.publicURL)
    }
}
