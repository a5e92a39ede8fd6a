/// Where the certificate chain and its key lie, both PEM.
struct TLSFiles: Sendable {
    let certificate: String
    let privateKey: String

    /// Whether every user of this machine can read the key.
    var isKeyOpenToEveryUser: Bool { SettingFile(path: privateKey).isOpenToEveryUser }
}
