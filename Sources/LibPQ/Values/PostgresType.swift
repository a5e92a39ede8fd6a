/// The types that travel in binary form, by their PostgreSQL names.
public enum PostgresType: Sendable, Hashable {
    case bool, int4, int8, text, bytea, uuid, timestamptz
    case textArray, uuidArray, byteaArray, int4Array, int8Array

    /// The object identifier in `pg_type`; fixed for built-in types.
    var oid: UInt32 {
        switch self {
        case .bool: 16
        case .bytea: 17
        case .int8: 20
        case .int4: 23
        case .text: 25
        case .timestamptz: 1184
        case .uuid: 2950
        case .byteaArray: 1001
        case .int4Array: 1007
        case .textArray: 1009
        case .int8Array: 1016
        case .uuidArray: 2951
        }
    }
}
