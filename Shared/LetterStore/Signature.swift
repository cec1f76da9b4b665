/// What errors of one kind have in common: their text without numbers and ids.
public enum Signature {
    /// The longest signature in characters.
    private static let limit = 160

    /// The text with every number, and every word that looks like an id, as `#`.
    ///
    /// A single digit in a word stays (`UTF-8`); a word of eight characters or more with a digit in it is an id (`3f0c1c5e-…`).
    public static func of(_ error: String) -> String {
        var result = ""
        var word: [Character] = []
        func flush() {
            result += masked(word)
            word.removeAll(keepingCapacity: true)
        }
        for character in error.prefix(500) {
            if character.isLetter || character.isNumber || character == "-" || character == "_" {
                word.append(character)
            } else {
                flush()
                result.append(character.isNewline ? " " : character)
            }
        }
        flush()
        return String(result.prefix(limit))
    }

    private static func masked(_ word: [Character]) -> String {
        let digits = word.count { $0.isNumber }
        guard digits > 0 else { return String(word) }
        if digits == word.count || word.count >= 8 { return "#" }
        guard digits > 1 else { return String(word) }
        var result = ""
        for character in word where !(character.isNumber && result.last == "#") {
            result.append(character.isNumber ? "#" : character)
        }
        return result
    }
}
