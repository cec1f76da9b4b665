/// An e-mail address that can be written into the commands of SMTP and the headers of a mail without quoting.
///
/// That is nearly every address in use. Left out on purpose are quoted local parts (`"a b"@example.com`), white space,
/// control characters and angle brackets: what could be taken for something else on the way.
public struct MailAddress: Sendable, Hashable, CustomStringConvertible {
    /// The whole address.
    public let description: String
    /// What follows the `@`.
    public let domain: String
    /// Whether a server must have SMTPUTF8 for it (RFC 6531).
    public let isBeyondASCII: Bool

    /// Nil for what is no address, or none that can be used.
    public init?(_ text: String) {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, text.utf8.count <= 1000 else { return nil }
        let isUsable =
            !parts[0].isEmpty && parts[0].unicodeScalars.allSatisfy(Self.isOfLocalPart) && Self.isDomain(parts[1])
        guard isUsable else { return nil }
        description = text
        domain = String(parts[1])
        isBeyondASCII = !text.utf8.allSatisfy { $0 < 0x80 }
    }

    private static func isDomain(_ text: Substring) -> Bool {
        if text.hasPrefix("["), text.hasSuffix("]") {
            let literal = text.dropFirst().dropLast().unicodeScalars
            return !literal.isEmpty
                && literal.allSatisfy { isASCIIAlphanumeric($0) || ".:-".unicodeScalars.contains($0) }
        }
        return !text.isEmpty
            && text.unicodeScalars.allSatisfy {
                isASCIIAlphanumeric($0) || ".-_".unicodeScalars.contains($0) || isVisibleBeyondASCII($0)
            }
    }

    /// RFC 5322's atext, the dot, and what RFC 6532 adds.
    private static func isOfLocalPart(_ scalar: Unicode.Scalar) -> Bool {
        isASCIIAlphanumeric(scalar) || ".!#$%&'*+-/=?^_`{|}~".unicodeScalars.contains(scalar)
            || isVisibleBeyondASCII(scalar)
    }

    private static func isASCIIAlphanumeric(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "A"..."Z", "a"..."z", "0"..."9": true
        default: false
        }
    }

    private static func isVisibleBeyondASCII(_ scalar: Unicode.Scalar) -> Bool {
        guard !scalar.isASCII else { return false }
        return switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator, .surrogate, .privateUse,
            .unassigned:
            false
        default: true
        }
    }
}

/// A person or system that mail comes from or goes to: an address, and a name for people.
public struct Mailbox: Sendable, Equatable {
    /// Shown by mail programs; empty for none.
    public let name: String
    /// Where mail goes.
    public let address: MailAddress

    /// What is no part of a name (line ends, control characters) is taken out of it.
    public init(name: String = "", address: MailAddress) {
        self.name = name.onOneLine
        self.address = address
    }

    /// Reads `address`, `Name <address>` or `"Name" <address>`; nil for anything else.
    public init?(_ text: String) {
        guard text.hasSuffix(">"), let open = text.lastIndex(of: "<") else {
            guard let address = MailAddress(text) else { return nil }
            self.init(address: address)
            return
        }
        var name = text[..<open].drop { $0 == " " }
        while name.last == " " { name.removeLast() }
        if name.count > 1, name.hasPrefix("\""), name.hasSuffix("\"") { name = name.dropFirst().dropLast() }
        let inside = text[text.index(after: open)...].dropLast()
        guard let address = MailAddress(String(inside)), !name.contains(where: { "<>\"\\".contains($0) }),
            name.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
        else { return nil }
        self.init(name: String(name), address: address)
    }
}

extension String {
    /// The text on one line: each run of white space is one space, without any at the ends, and control characters and
    /// those that change the direction of text or can't be seen are gone.
    public var onOneLine: String {
        var line = String.UnicodeScalarView()
        var isGap = false
        for scalar in unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator, .spaceSeparator: isGap = true
            case .format where scalar != "\u{200D}" && scalar != "\u{200C}": break  // joiners belong to words and emoji
            default:
                if isGap, !line.isEmpty { line.append(" ") }
                isGap = false
                line.append(scalar)
            }
        }
        return String(line)
    }
}
