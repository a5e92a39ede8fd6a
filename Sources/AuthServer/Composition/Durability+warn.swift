import AuthPostgres
import Logging

extension Durability {
    /// One line of the log at the start, where what is acknowledged may be lost. It is no reason not to serve.
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
