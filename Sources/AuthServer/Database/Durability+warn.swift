import AuthPostgres
import Logging

extension Durability {
    /// Warns in one line if the database may lose acknowledged changes. The server serves nevertheless.
    func warn(_ logger: Logger) async {
        do {
            let doubts = try await doubts()
            guard !doubts.isEmpty else { return }
            logger.warning("acknowledged changes may be lost", metadata: ["reasons": "\(doubts.joined(separator: "; "))"])
        } catch {
            logger.warning("it is not known whether acknowledged changes may be lost", metadata: ["reason": "\(error)"])
        }
    }
}
