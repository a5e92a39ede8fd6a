import ArgumentParser
import AuthServer

@main
enum Main {
    static func main() async { await AuthCommand.main() }
}
