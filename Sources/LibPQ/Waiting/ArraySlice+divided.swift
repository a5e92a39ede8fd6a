extension ArraySlice {
    /// Divides the elements into those that belong and the others. Both keep their order.
    func divided(_ belongs: (Element) -> Bool) -> ([Element], ArraySlice) {
        var (group, rest): ([Element], [Element]) = ([], [])
        group.reserveCapacity(count)
        for element in self { if belongs(element) { group.append(element) } else { rest.append(element) } }
        return (group, rest[...])
    }
}
