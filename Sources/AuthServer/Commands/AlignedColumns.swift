extension [[String]] {
    /// A line for each row, with two blanks between the columns.
    var aligned: [String] {
        let widths = (first ?? []).indices.dropLast().map { column in map { $0[column].count }.max()! }
        return map { row in
            let cells = zip(row, widths).map { cell, width in cell + String(repeating: " ", count: width - cell.count) }
            return (cells + row.suffix(1)).joined(separator: "  ")
        }
    }
}
