/// One use of a session that its row does not have yet.
public struct Sighting: Hashable, Sendable {
    public let sessionID: SessionID
    /// The generation whose first use this is.
    public let firstUse: TokenGeneration?

    public init(sessionID: SessionID, firstUse: TokenGeneration?) {
        self.sessionID = sessionID
        self.firstUse = firstUse
    }
}

/// Collects sightings and writes them later, many together. A crash may lose the last seconds of them.
public protocol SessionActivity: Sendable {
    /// Returns immediately, whatever the database does.
    func saw(_ sighting: Sighting)
}
