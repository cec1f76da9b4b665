import Contract
import SMTP

/// What a mail says, in words of one language, before it is a text or HTML.
struct Letter: Equatable {
    /// A line of the list under the text: what it is, and its value.
    struct Row: Equatable {
        let label: String
        let value: String
    }

    let language: String
    let subject: String
    let greeting: String
    let paragraphs: [String]
    let rows: [Row]
    let closing: String

    /// The letter for an announcement. Whatever comes from outside is on one line, so that nobody writes paragraphs of
    /// ours by way of a name.
    init(_ announcement: Announcement, _ wording: any Wording, _ clock: LocalClock) {
        language = wording.language
        closing = wording.closing
        let name: String?
        let details: [(Detail, String)]
        switch announcement {
        case .outcome(let outcome):
            name = outcome.passengerName
            subject = wording.subject(outcome).onOneLine
            paragraphs = [wording.news(outcome).onOneLine]
            details = Self.details(outcome, wording, clock)
        case .welcome(let customer):
            name = customer.passengerName
            subject = wording.welcomeSubject
            paragraphs = [wording.welcome]
            details = [(.number, "\(customer.bookingNumber)"), (.request, customer.requestID)]
        }
        greeting = wording.greeting(name?.onOneLine ?? "")
        rows = details.map { Row(label: wording.label($0.0), value: $0.1.onOneLine) }
    }

    private static func details(
        _ outcome: BookingOutcome, _ wording: any Wording, _ clock: LocalClock
    ) -> [(Detail, String)] {
        let currency = outcome.currency ?? Contract.currency
        func amount(_ minor: Int?) -> String? { minor.map { wording.amount($0, currency) } }
        func nonzero(_ minor: Int?) -> Int? { minor == 0 ? nil : minor }
        let values: [(Detail, String?)] = [
            (.number, "\(outcome.bookingNumber)"),
            (.passenger, outcome.passengerName.map { wording.passenger($0, age: outcome.passengerAge) }),
            (.destination, outcome.destination),
            (.fare, amount(outcome.baseFare)),
            (.discount, amount(nonzero(outcome.discount).map { -$0 })),
            (.tax, amount(outcome.tax)),
            (.petTax, amount(nonzero(outcome.petTax))),
            (.total, amount(outcome.totalPrice)),
            (.points, outcome.status == .confirmed ? outcome.loyaltyPoints.map { "\($0)" } : nil),
            (.confirmedAt, outcome.confirmedAt.map { wording.time(clock.local($0)) }),
            (.decidedAt, wording.time(clock.local(outcome.occurredAt))),
            (.request, outcome.requestID),
        ]
        return values.compactMap { detail, value in value.map { (detail, $0) } }
    }

    /// As plain text; lines end with `\n`.
    var text: String {
        let list = rows.map { "\($0.label): \($0.value)\n" }.joined()
        return ([greeting] + paragraphs).map { $0 + "\n\n" }.joined() + list + "\n" + closing + "\n"
    }

    /// As an HTML document; lines end with `\n`.
    var html: String {
        let list = rows.map { row in
            """
            <tr><th style="text-align:left;font-weight:normal;color:#555;padding:.2em 1em .2em 0">\
            \(row.label.asHTML)</th><td style="padding:.2em 0">\(row.value.asHTML)</td></tr>

            """
        }
        return """
            <!DOCTYPE html>
            <html lang="\(language)">
            <head><meta charset="utf-8"><title>\(subject.asHTML)</title></head>
            <body style="font-family:sans-serif;color:#222;max-width:36em;margin:1em auto;padding:0 1em">
            \(([greeting] + paragraphs).map { "<p>\($0.asHTML)</p>" }.joined(separator: "\n"))
            <table style="border-collapse:collapse">
            \(list.joined())</table>
            <p style="color:#555;font-size:small">\(closing.asHTML)</p>
            </body>
            </html>

            """
    }
}

/// What a row of a letter is about.
enum Detail: CaseIterable {
    case number, passenger, destination, fare, discount, tax, petTax, total, points, confirmedAt, decidedAt, request
}
