import HTTPEdge
public import Hummingbird

/// The parameters of a query, read and compared as octets.
public struct QueryParameters: Sendable {
    struct Parameter {
        let name: [UInt8]
        let value: [UInt8]
    }

    /// More than any request of this API has. The rest is read as one parameter, which no route knows.
    private static let maximum = 64

    let list: [Parameter]

    init(_ query: some Collection<UInt8>) {
        list = query.split(separator: UInt8(ascii: "&"), maxSplits: Self.maximum).map { pair in
            let end = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            return Parameter(name: Self.decode(pair[..<end]), value: Self.decode(pair[end...].dropFirst()))
        }
    }

    /// Malformed text is kept as it is, as in browsers.
    private static func decode(_ octets: some Collection<UInt8>) -> [UInt8] {
        PercentEncoding.decode(octets, plusIsSpace: true) ?? Array(octets)
    }

    /// The values in their order.
    public func values(of name: StaticString) -> [[UInt8]] { list.filter { $0.name.isText(name) }.map(\.value) }
}

extension Request {
    public var parameters: QueryParameters { QueryParameters((uri.query ?? "").utf8) }
}
