extension ArraySlice {
    /// The elements that belong, and the others, both in their order.
    func divided(_ belongs: (Element) -> Bool) -> ([Element], ArraySlice) {
        var (group, rest): ([Element], [Element]) = ([], [])
        group.reserveCapacity(count)
        for element in self { if belongs(element) { group.append(element) } else { rest.append(element) } }
        return (group, rest[...])
    }
}
