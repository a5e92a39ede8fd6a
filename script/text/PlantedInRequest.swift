// script/check-text --self-test compiles this with AuthMiddleware: one comparison of the kind that was there once.
import HTTPTypes
import Hummingbird

extension Request {
    var saysClose: Bool { headers[.connection]?.lowercased() == "close" }
}
