extension UInt8 {
    /// `tchar` of RFC 9110 §5.6.2.
    @inlinable @inline(__always)
    public var isTokenCharacter: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "!"), UInt8(ascii: "~"),
            UInt8(ascii: "#")...UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "^"), UInt8(ascii: "`"),
            UInt8(ascii: "|"):
            true
        default: false
        }
    }

    /// What RFC 9110 §5.5 lets into a value.
    @inlinable @inline(__always)
    public var isFieldCharacter: Bool { self >= 0x20 && self != 0x7F || self == 0x09 }
}
