import AuthPages
import Hummingbird

/// The pages of links in mails. `GET` shows a form and changes nothing.
struct PageRoutes: Sendable {
    let pages: AccountPages

    func add(to surfaces: Surfaces) {
        for page in pages.pages {
            let path = RouterPath(String(page.path.dropFirst()))
            surfaces.page.get(path, page.opens, use: page.show)
            surfaces.page.post(path, page.acts, use: page.submit)
        }
    }
}
