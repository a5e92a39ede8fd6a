import NIOCore

/// The head of a message, and the plain form of it that handlers after ``MessageBoundary`` get.
struct MessageHead {
    private let octets: ByteBuffer
    let framing: MessageFraming

    init(octets: ByteBuffer, framing: MessageFraming) {
        (self.octets, self.framing) = (octets, framing)
    }

    /// Whether the target is this path or below it, whatever the query.
    func isBelow(_ path: TargetPath) -> Bool {
        octets.withUnsafeReadableBytes { path.isPrefix(of: UnsafeRawBufferPointer(rebasing: $0[framing.target])) }
    }

    func text(_ place: Range<Int>) -> String? { octets.getString(at: octets.readerIndex + place.lowerBound, length: place.count) }

    /// - Parameter length: the octets of the body, if the head does not say it.
    func plain(withLength length: Int?) -> ByteBuffer {
        plain(hiding: framing.ownFields + (length == nil ? [] : framing.lengthFields), withLength: length)
    }

    /// The plain form without the body, which does not follow.
    ///
    /// - Parameter length: the length that the head announces; `nil` for no body.
    func plainAlone(withLength length: Int?) -> ByteBuffer {
        plain(hiding: framing.ownFields + framing.lengthFields, withLength: length)
    }

    private func plain(hiding names: [Range<Int>], withLength length: Int?) -> ByteBuffer {
        var plain = octets
        if framing.isHTTP10 { plain.setInteger(UInt8(ascii: "1"), at: plain.readerIndex + framing.minorVersion) }
        // A field with this name has no meaning.
        for name in names { plain.setRepeatingByte(UInt8(ascii: "x"), count: name.count, at: plain.readerIndex + name.lowerBound) }
        guard let length else { return plain }
        plain.moveWriterIndex(to: plain.writerIndex - 2)
        plain.writeString("Content-Length: \(length)\r\n\r\n")
        return plain
    }
}
