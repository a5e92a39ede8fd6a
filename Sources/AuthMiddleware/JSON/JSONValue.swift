/// The value of a JSON text. Numbers are kept as text, since no field of this API is one.
enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(String)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)
}

/// The members of a JSON object in their order. Names are compared as octets: canonically equal names can be different members.
struct JSONObject: Hashable, Sendable {
    struct Member: Hashable, Sendable {
        let name: [UInt8]
        let value: JSONValue
    }

    private(set) var members: [Member] = []

    func contains(_ name: [UInt8]) -> Bool { members.contains { $0.name == name } }

    mutating func append(_ name: [UInt8], _ value: JSONValue) { members.append(Member(name: name, value: value)) }
}
