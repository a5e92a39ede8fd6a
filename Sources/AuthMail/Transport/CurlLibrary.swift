import CCurl
import CLibcurl
import Glibc

/// libcurl in this process.
enum CurlLibrary {
    /// Made ready once (`curl_global_init`).
    static let status: CURLcode = {
        // libcurl's TLS writes to sockets that the peer may have closed.
        signal(SIGPIPE, SIG_IGN)
        return curl_global_init(Int(CURL_GLOBAL_ALL))
    }()
}

/// Sets the options of a handle, and keeps the first refusal.
struct CurlOptions {
    let handle: UnsafeMutableRawPointer
    private(set) var status: CURLcode = CURLE_OK

    init(_ handle: UnsafeMutableRawPointer) { self.handle = handle }

    mutating func set(_ option: CURLoption, _ number: Int) { note(curl_set_long(handle, option, number)) }

    /// `nil` unsets the option.
    mutating func set(_ option: CURLoption, _ text: String?) { note(curl_set_text(handle, option, text)) }

    mutating func set(_ option: CURLoption, _ list: CurlList) { note(curl_set_list(handle, option, list.first)) }

    mutating func note(_ code: CURLcode) { if status == CURLE_OK { status = code } }
}

/// A list of texts that libcurl reads during a transfer.
final class CurlList {
    private(set) var first: UnsafeMutablePointer<curl_slist>?

    init(_ texts: [String]) {
        for text in texts { first = curl_slist_append(first, text) ?? first }
    }

    deinit { curl_slist_free_all(first) }
}
