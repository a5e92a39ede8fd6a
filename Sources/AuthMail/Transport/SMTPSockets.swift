import CCurl
import CLibcurl
import Glibc
import NIOConcurrencyHelpers

/// The open sockets of one connection. libcurl has several while it tries the addresses of a name. Any thread may cut them.
final class SMTPSockets: Sendable {
    private let descriptors = NIOLockedValueBox<[Int32]>([])

    /// - Returns: the descriptor, or -1.
    func open(family: Int32, type: Int32, protocol number: Int32) -> Int32 {
        let descriptor = socket(family, type | Int32(SOCK_CLOEXEC.rawValue), number)
        if descriptor >= 0 { descriptors.withLockedValue { $0.append(descriptor) } }
        return descriptor
    }

    func close(_ descriptor: Int32) -> Int32 {
        descriptors.withLockedValue { descriptors in
            descriptors.removeAll { $0 == descriptor }
            return Glibc.close(descriptor)
        }
    }

    /// Nothing more is read, so that no wait for an answer lasts.
    func stopReading() { shutDown(Int32(SHUT_RD)) }

    /// Nothing more is read or written.
    func cut() { shutDown(Int32(SHUT_RDWR)) }

    private func shutDown(_ how: Int32) {
        descriptors.withLockedValue { for descriptor in $0 { shutdown(descriptor, how) } }
    }
}

extension SMTPSockets {
    /// For CURLOPT_OPENSOCKETFUNCTION.
    static let openSocket: curl_opensocket_callback = { context, _, address in
        guard let context, let address = address?.pointee else { return -1 }
        let sockets = Unmanaged<SMTPSockets>.fromOpaque(context).takeUnretainedValue()
        return sockets.open(family: address.family, type: address.socktype, protocol: address.protocol)
    }

    /// For CURLOPT_CLOSESOCKETFUNCTION.
    static let closeSocket: curl_closesocket_callback = { context, descriptor in
        guard let context else { return -1 }
        return Unmanaged<SMTPSockets>.fromOpaque(context).takeUnretainedValue().close(descriptor)
    }
}
