/// Text for the headers of a mail, which hold ASCII only and short lines.
enum HeaderText {
    /// The most characters of a line with encoded words in it (RFC 2047, section 2).
    private static let lineLimit = 76
    /// What surrounds the text of an encoded word.
    private static let (opening, closing) = ("=?UTF-8?Q?", "?=")
    /// The most characters within an encoded word, which may have 75 in all.
    private static let roomOfWord = 75 - opening.count - closing.count

    /// A subject: as it is where that is plain and short, else encoded words on as many lines as they need.
    /// - Parameter column: how many characters stand before it on its line.
    static func unstructured(_ text: String, column: Int) -> String {
        let text = text.onOneLine
        let isPlain = text.utf8.allSatisfy { 0x20...0x7E ~= $0 } && !text.contains("=?")
        return isPlain && column + text.utf8.count <= lineLimit ? text : encodedWords(text, column: column)
    }

    /// A mailbox, its name plain or as encoded words; never quoted, so that nothing needs escaping.
    static func mailbox(_ mailbox: Mailbox, column: Int) -> String {
        let (name, address) = (mailbox.name, mailbox.address)
        if name.isEmpty { return address.description }
        let isPlain = name.utf8.count <= 50 && name.unicodeScalars.allSatisfy(isOfPlainName)
        return (isPlain ? name : encodedWords(name, column: column)) + "\r\n <\(address)>"
    }

    private static func isOfPlainName(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "A"..."Z", "a"..."z", "0"..."9", " ", "-", "'": true
        default: false
        }
    }

    /// RFC 2047's encoded words, each within one line and none of them with half a character.
    private static func encodedWords(_ text: String, column: Int) -> String {
        var lines = ""
        var word = ""
        var room = min(roomOfWord, lineLimit - column - opening.count - closing.count)
        for scalar in text.unicodeScalars {
            let piece = encoded(scalar)
            if word.utf8.count + piece.utf8.count > room {
                lines += opening + word + closing + "\r\n "
                word = ""
                room = roomOfWord
            }
            word += piece
        }
        return lines + opening + word + closing
    }

    /// The encoding "Q", limited to what is allowed in a name too (RFC 2047, section 5).
    private static func encoded(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "A"..."Z", "a"..."z", "0"..."9", "-": String(scalar)
        case " ": "_"
        default: UTF8.encode(scalar)?.map { "=" + QuotedPrintable.hexadecimal($0) }.joined() ?? ""
        }
    }

    /// RFC 5322's `date-time`, in UTC: `Sat, 21 Nov 2026 10:00:00 +0000`.
    /// - Parameter seconds: since 1970-01-01T00:00:00Z, within the years 0000 to 9999.
    static func date(_ seconds: Int) -> String {
        // Days count from the first of March of the year 0 here (Howard Hinnant, "civil_from_days").
        let days = (seconds - (seconds % 86_400 + 86_400) % 86_400) / 86_400
        let time = seconds - days * 86_400
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 2 : shiftedMonth - 10
        let year = yearOfEra + era * 400 + (month < 2 ? 1 : 0)
        let weekday = ((days + 4) % 7 + 7) % 7
        return "\(weekdays[weekday]), \(digits(day, 2)) \(months[month]) \(digits(year, 4)) "
            + "\(digits(time / 3600, 2)):\(digits(time / 60 % 60, 2)):\(digits(time % 60, 2)) +0000"
    }

    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private static func digits(_ number: Int, _ count: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, count - text.count)) + text
    }
}
