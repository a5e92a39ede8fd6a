/// A request with a password, and what of it a refusal depends on.
struct LanePasswordRequest: Sendable {
    /// Its place among the lane's paths of passwords.
    let path: Int
    /// The client's own, where it is harmless.
    let requestID: String?
}
