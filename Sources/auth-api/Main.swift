import ArgumentParser
import AuthServer
import CBuildInformation

@main
enum Main {
    static func main() async { await AuthCommand.start(commit: String(cString: build_commit())) }
}
