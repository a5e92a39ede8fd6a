import AuthCrypto
import Logging
import ServiceLifecycle

/// The threads that hash passwords.
struct HasherService: Service {
    let hasher: Argon2idHasher

    func run() async throws {
        try hasher.start()
        try? await gracefulShutdown()
        await hasher.shutdown()
    }
}

extension Argon2idHasher {
    /// Hashes passwords once its threads are started.
    ///
    /// - Parameter logger: gets a line for each stored hash that cannot be read.
    convenience init(_ settings: PasswordSettings, logger: Logger) {
        self.init(parameters: settings.argon2, slots: settings.slots) {
            logger.error(
                "a stored password hash cannot be read: nobody can log in to its account",
                metadata: ["query": "SELECT routing, id FROM users WHERE NOT password_hash_is_readable(password_hash)"])
        }
    }
}
