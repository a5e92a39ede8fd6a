public import AuthCore
public import FoundationEssentials
public import NIOCore

extension ByteBuffer {
    /// Writes ``AuthCore/RoutedID/text`` without a string between.
    public mutating func writeText(of id: UUID) {
        writeWithUnsafeMutableBytes(minimumWritableBytes: UUID.textLength) { id.write(to: $0.assumingMemoryBound(to: UInt8.self)) }
    }

    /// Writes ``AuthCore/Timestamp/description`` without a string between.
    public mutating func writeText(of moment: Timestamp) {
        writeWithUnsafeMutableBytes(minimumWritableBytes: Timestamp.textLength) { moment.write(to: $0.assumingMemoryBound(to: UInt8.self)) }
    }
}
