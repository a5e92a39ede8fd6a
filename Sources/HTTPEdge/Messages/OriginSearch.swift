/// Searches a refused head for `Origin`, so that the page that sent the request can read why it was refused.
struct OriginSearch {
    /// Limits in octets: of the whole head and of the line with `Origin`.
    private static let (longestHead, longestLine) = (64 * 1024, 512)

    private var seen = 0
    private var line: [UInt8] = []
    private var isFirst = true
    private(set) var origin: String?
    /// Whether the search is over.
    private(set) var isOver = false

    mutating func take(_ octets: some Sequence<UInt8>) {
        for octet in octets where !isOver {
            seen += 1
            if octet != UInt8(ascii: "\n") {
                if line.count < Self.longestLine { line.append(octet) }
            } else {
                endLine()
            }
            isOver = isOver || seen >= Self.longestHead
        }
    }

    private mutating func endLine() {
        let field = line.last == UInt8(ascii: "\r") ? line.dropLast() : line[...]
        if field.prefix("origin:".utf8.count).isWord("origin:") {
            origin = String(decoding: field.dropFirst("origin:".utf8.count).withoutBlanksAround, as: UTF8.self)
            isOver = true
        }
        isOver = isOver || field.isEmpty && !isFirst
        isFirst = isFirst && field.isEmpty
        line.removeAll(keepingCapacity: true)
    }
}
