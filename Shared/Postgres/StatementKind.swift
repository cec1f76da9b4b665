/// What a statement does, in few words for metrics.
enum StatementKind {
    private static let verbs: Set<Substring> = [
        "SELECT", "INSERT", "UPDATE", "DELETE", "BEGIN", "COMMIT", "ROLLBACK", "CREATE", "ALTER",
    ]

    /// The verb that it begins with; behind WITH the first that stands outside of all parentheses. `OTHER` where there is none
    /// that is known.
    static func of(_ sql: String) -> String {
        var depth = 0
        var word: Substring = ""
        for index in sql.indices + [sql.endIndex] {
            let character = index < sql.endIndex ? sql[index] : ";"
            if character.isLetter {
                word = word.isEmpty ? sql[index...index] : sql[word.startIndex...index]
                continue
            }
            if depth == 0, verbs.contains(word) { return String(word) }
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            word = ""
        }
        return "OTHER"
    }
}
