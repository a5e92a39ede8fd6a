import CCurl
import CLibcurl

extension CurlOptions {
    /// Where the mail server is, and who speaks to it.
    ///
    /// - Parameter domain: for EHLO.
    mutating func reach(_ server: SMTPServer, greeting domain: String) {
        set(CURLOPT_PROTOCOLS_STR, "smtp,smtps")
        set(CURLOPT_URL, "\(server)/\(domain)")
        set(CURLOPT_USERNAME, server.credentials?.user)
        set(CURLOPT_PASSWORD, server.credentials?.password)
        // Not Kerberos or NTLM, which libcurl of Debian would prefer if the server offers them.
        set(CURLOPT_LOGIN_OPTIONS, "AUTH=PLAIN;AUTH=LOGIN")
        // The settings of this service decide, and no variable or file of libcurl's.
        set(CURLOPT_PROXY, "")
        set(CURLOPT_NOPROXY, "*")
        set(CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
        set(CURLOPT_MAXCONNECTS, 1)
    }

    /// TLS 1.2 or newer. The certificate must be valid, and for this host.
    mutating func protect(_ server: SMTPServer) {
        set(CURLOPT_USE_SSL, Int((server.encryption == .none ? CURLUSESSL_NONE : CURLUSESSL_ALL).rawValue))
        set(CURLOPT_SSL_VERIFYPEER, 1)
        set(CURLOPT_SSL_VERIFYHOST, 2)
        set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        guard let authorities = server.authorities else { return }
        set(CURLOPT_CAINFO, authorities)
        // The folder of the system's authorities would be trusted too.
        set(CURLOPT_CAPATH, nil)
    }

    /// - Parameter time: for the rest of this mail.
    mutating func limit(_ limits: SMTPLimits, within time: Duration) {
        set(CURLOPT_CONNECTTIMEOUT_MS, Self.milliseconds(min(limits.connect, time)))
        set(CURLOPT_SERVER_RESPONSE_TIMEOUT, max(1, Int((limits.answer / .seconds(1)).rounded(.up))))
        set(CURLOPT_TIMEOUT_MS, Self.milliseconds(time))
        // Signals would reach the whole process.
        set(CURLOPT_NOSIGNAL, 1)
        // After the deadline, libcurl does not wait for a name look-up that is still under way.
        set(CURLOPT_QUICK_EXIT, 1)
    }

    /// libcurl takes 0 for no limit.
    private static func milliseconds(_ time: Duration) -> Int { max(1, Int(time / .milliseconds(1))) }
}
