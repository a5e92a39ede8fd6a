public import AuthCore

/// What the lane answers, and whom it asks. A class, so that who is handed it counts one reference and not those of all parts.
public final class LaneRoutes: Sendable {
    let reads: [LaneRead]
    let authentication: SessionAuthentication
    let refresh: LaneRefresh
    /// Where passwords are sent. The lane turns away those for which there is no room.
    let passwords: [LanePath]
    let gate: PasswordGate

    /// - Parameter passwords: paths without a slash at the end.
    public init(
        reads: [LaneRead], authentication: SessionAuthentication, refresh: LaneRefresh, passwords: [String], gate: PasswordGate
    ) {
        self.reads = reads
        self.authentication = authentication
        self.refresh = refresh
        self.passwords = passwords.map(LanePath.init)
        self.gate = gate
    }
}
