/// Paths that the edge treats in their own way. A class, so that each connection counts one reference.
public final class EdgePaths: Sendable {
    /// Paths, with those below them, that are answered without the body of the request.
    let bodyless: [TargetPath]
    /// Paths, with those below them, that a connection without a place of its own may ask.
    let health: [TargetPath]

    /// - Parameters:
    ///   - bodyless: paths without a slash at the end.
    ///   - health: paths in the same form.
    public init(bodyless: [String], health: [String]) {
        self.bodyless = bodyless.map(TargetPath.init)
        self.health = health.map(TargetPath.init)
    }
}
