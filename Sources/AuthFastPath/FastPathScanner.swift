import HTTPEdge

/// Reads the head of a request octet by octet (RFC 9112 §3, §5). Legal but unusual octets halt it as illegal ones do.
struct FastPathScanner {
    enum Halt: Error { case incomplete, foreign }

    struct Field {
        let name: Range<Int>
        /// Without the spaces before it, but with those after it.
        let value: Range<Int>
    }

    /// Methods whose requests end where Content-Length says, or with their head. Those of ``FastPathMethod`` come first.
    private static let methods: [StaticString] = ["GET", "HEAD", "POST", "DELETE", "PUT", "PATCH", "OPTIONS"]
    private static let version: StaticString = " HTTP/1.1\r\n"

    private let octets: UnsafeRawBufferPointer
    private(set) var position = 0

    init(_ octets: UnsafeRawBufferPointer) {
        self.octets = octets
    }

    /// - Returns: no method if it is not a ``FastPathMethod``.
    mutating func requestLine() throws(Halt) -> (method: FastPathMethod?, target: Range<Int>) {
        let method = try self.method()
        let start = position
        guard try next() == UInt8(ascii: "/") else { throw .foreign }
        skip { (0x21...0x7E).contains($0) }
        let target = start..<position
        for octet in UnsafeBufferPointer(start: Self.version.utf8Start, count: Self.version.utf8CodeUnitCount) {
            guard try next() == octet else { throw .foreign }
        }
        return (FastPathMethod(rawValue: method), target)
    }

    /// Reads the space after it too.
    ///
    /// - Returns: the index in ``methods``.
    private mutating func method() throws(Halt) -> Int {
        let available = octets.prefix { $0 != UInt8(ascii: " ") }
        let name = UnsafeRawBufferPointer(rebasing: available.prefix(16))
        if name.count == octets.count {
            guard Self.methods.contains(where: { $0.begins(with: name) }) else { throw .foreign }
            throw .incomplete
        }
        guard let index = Self.methods.firstIndex(where: { $0.utf8CodeUnitCount == name.count && $0.begins(with: name) }) else {
            throw .foreign
        }
        position = name.count + 1
        return index
    }

    /// - Returns: `nil` at the end of the head, which has been read then.
    mutating func field() throws(Halt) -> Field? {
        if try peek() == UInt8(ascii: "\r") {
            try lineEnd()
            return nil
        }
        let name = position
        skip { $0.isTokenCharacter }
        let colon = position
        guard try next() == UInt8(ascii: ":"), colon > name else { throw .foreign }
        skip { $0 == UInt8(ascii: " ") }
        let value = position
        skip { $0.isFieldCharacter }
        let end = position
        try lineEnd()
        return Field(name: name..<colon, value: value..<end)
    }

    private mutating func lineEnd() throws(Halt) {
        guard try next() == UInt8(ascii: "\r"), try next() == UInt8(ascii: "\n") else { throw .foreign }
    }

    @inline(__always)
    private mutating func skip(while isSkipped: (UInt8) -> Bool) {
        while position < octets.count, isSkipped(octets[position]) { position += 1 }
    }

    @inline(__always)
    private func peek() throws(Halt) -> UInt8 {
        guard position < octets.count else { throw .incomplete }
        return octets[position]
    }

    @inline(__always)
    private mutating func next() throws(Halt) -> UInt8 {
        let octet = try peek()
        position += 1
        return octet
    }
}

extension StaticString {
    fileprivate func begins(with octets: UnsafeRawBufferPointer) -> Bool {
        octets.count <= utf8CodeUnitCount && octets.elementsEqual(UnsafeBufferPointer(start: utf8Start, count: octets.count))
    }
}
