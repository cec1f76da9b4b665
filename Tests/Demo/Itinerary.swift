import Contract
import FoundationEssentials

/// A valid request, and how it may be written.
struct Itinerary {
    var requestID: String
    var name: String
    let age: Int
    let email: String
    var destination: String
    let hasPet: Bool
    let hasPromotion: Bool

    /// With its accents as characters of their own, which means the same.
    var decomposed: Itinerary {
        var copy = self
        for (composed, parts) in [("é", "e\u{301}"), ("á", "a\u{301}"), ("í", "i\u{301}"), ("ñ", "n\u{303}")] {
            copy.destination = copy.destination.replacing(composed, with: parts)
            copy.name = copy.name.replacing(composed, with: parts)
        }
        return copy
    }

    /// The body, in one of several spellings.
    func json(style: Int = 0, more: [String] = []) -> String {
        var members = [
            #""request_id": "\#(requestID)""#, #""passenger_name": "\#(name)""#,
            #""passenger_age": \#(age)\#(style == 1 ? ".0" : "")"#, #""email": "\#(email)""#,
            #""destination": "\#(destination)""#,
        ]
        if hasPet || style != 2 { members.append(#""has_pet": \#(hasPet)"#) }
        if hasPromotion || style != 2 { members.append(#""has_promotion": \#(hasPromotion)"#) }
        if style == 3 { members.insert(#""seat": {"row": 12, "letter": "A"}, "notes": ["window", null]"#, at: 1) }
        let separator = style == 2 ? "," : ",\n  "
        return "{" + (members + more).joined(separator: separator) + "}"
    }
}

/// What must become of a request.
enum Fate {
    /// With the fares and taxes of its destination.
    case confirmed(Itinerary, Destination)
    /// For this reason.
    case rejected(String)

    var isConfirmed: Bool { if case .confirmed = self { true } else { false } }
}
