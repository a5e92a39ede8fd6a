public import NIOCore

/// One connection, for the handler in front of the edge: what it must tell the edge, and what it may ask.
public struct EdgeConnection {
    let boundary: MessageBoundary
    let exchange: FrameworkExchange
    let idle: IdleTimeout

    /// Whether later octets are no messages any more.
    public var isOver: Bool { boundary.isOver }

    /// Whether every request that was passed on came whole and is answered, and another may come.
    public var isFinished: Bool { exchange.isFinished }

    /// - Parameters:
    ///   - held: returns the beginning of a head that the front holds.
    ///   - finished: called when an answer of the framework is flushed. It may not be the last one due: see ``isFinished``.
    public func connect(held: @escaping () -> ByteBuffer, finished: @escaping () -> Void) {
        boundary.heldBefore = held
        exchange.finished = finished
    }

    /// The front leaves.
    public func disconnect() {
        boundary.heldBefore = nil
        exchange.finished = nil
    }

    /// Whether the front holds the beginning of a head, for which the edge waits a limited time.
    public func expectHead(_ isExpected: Bool) { boundary.expectHead(isExpected) }

    /// The front is about to pass on a request.
    public func expectRequest() { exchange.expectRequest() }

    /// The front answers a request itself.
    public func requestBegan() { idle.requestBegan() }

    /// Its answer was written.
    public func requestEnded() { idle.requestEnded() }
}
