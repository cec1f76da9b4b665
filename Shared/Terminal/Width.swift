extension String {
    /// How many columns of a terminal it takes: one a character, however many bytes that has, and two where the
    /// character is wide.
    public var columns: Int { reduce(0) { $0 + ($1.isWide ? 2 : 1) } }

    /// Filled up with spaces to so many columns, at its end or, for numbers, its beginning.
    public func padded(to width: Int, onLeft: Bool = false) -> String {
        let space = String(repeating: " ", count: max(0, width - columns))
        return onLeft ? space + self : self + space
    }

    /// At most so many columns, with an ellipsis where something was cut off.
    public func cut(to width: Int) -> String {
        guard columns > width else { return self }
        var (kept, used) = ("", 0)
        for character in self {
            used += character.isWide ? 2 : 1
            if used >= width { break }
            kept.append(character)
        }
        return kept + "…"
    }

    /// Without what could move the cursor, change colours or turn the direction of writing: texts of strangers.
    public var printable: String {
        String(
            String.UnicodeScalarView(
                unicodeScalars.map { scalar in
                    switch scalar.properties.generalCategory {
                    case .control, .lineSeparator, .paragraphSeparator, .surrogate: "\u{fffd}"
                    case .format: scalar == "\u{200d}" ? scalar : "\u{fffd}"
                    default: scalar
                    }
                }))
    }
}

extension Character {
    /// Whether terminals give it two columns: East Asian ideographs, syllables and full-width forms, and emoji.
    fileprivate var isWide: Bool {
        guard let scalar = unicodeScalars.first else { return false }
        switch scalar.value {
        case 0x1100...0x115f, 0x2e80...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f, 0xff00...0xff60,
            0xffe0...0xffe6, 0x1f300...0x1faff, 0x20000...0x3fffd:
            return true
        default:
            return scalar.properties.isEmojiPresentation
        }
    }
}
