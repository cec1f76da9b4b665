import Contract
import Testing

@testable import Notifier

@Suite("Letters")
struct LetterTests {
    private func letter(_ announcement: Announcement, _ wording: any Wording = Spanish()) throws -> Letter {
        Letter(announcement, wording, try #require(LocalClock(timeZone: "America/Bogota")))
    }

    @Test("A confirmed booking in Spanish")
    func spanish() throws {
        let letter = try letter(.outcome(confirmed()))
        #expect(letter.subject == "Reserva 1042 a San Andrés: confirmada")
        #expect(
            letter.text == """
                Hola, Juan Pérez:

                Su reserva a San Andrés está confirmada. ¡Buen viaje!

                Número de reserva: 1042
                Pasajero: Juan Pérez (9 años)
                Destino: San Andrés
                Tarifa: $ 320.000
                Impuestos: $ 25.600
                Tasa por mascota: $ 50.000
                Total: $ 395.600
                Puntos de fidelidad: 539
                Fecha: 21 de noviembre de 2026, 5:00 a. m. (UTC−5)
                Solicitud: request-1

                Este mensaje es automático; por favor no lo responda.

                """)
    }

    @Test("A cancelled booking in English, with a discount and no pet")
    func english() throws {
        var outcome = confirmed()
        outcome.setPrice(
            Price.of(baseFare: 32_000_000, tax: 2_560_000, petTax: 0, hasPet: false, hasPromotion: true))
        let cancelled = outcome.cancelled(at: dawn.advanced(bySeconds: 8 * 3600))
        let letter = try letter(.outcome(cancelled), English())
        #expect(letter.subject == "Booking 1042 to San Andrés: cancelled")
        #expect(
            letter.text == """
                Hello Juan Pérez,

                Your booking to San Andrés is cancelled, and the points of its price are taken off your account.

                Booking number: 1042
                Passenger: Juan Pérez (9 years)
                Destination: San Andrés
                Fare: COP 320,000
                Discount: −COP 32,000
                Taxes: COP 25,600
                Total: COP 313,600
                Confirmed on: November 21, 2026, 5:00 AM (UTC−5)
                Date: November 21, 2026, 1:00 PM (UTC−5)
                Request: request-1

                This message is automatic; please do not reply to it.

                """)
    }

    @Test("Every rejection says why", arguments: BookingOutcome.Reason.allCases)
    func rejections(_ reason: BookingOutcome.Reason) throws {
        let problems = [Problem(field: "passenger_age", problem: "must be an integer from 0 to 130")]
        let outcome = rejected(reason, problems: reason == .invalidRequest ? problems : nil)
        for wording in [Spanish(), English()] as [any Wording] {
            let letter = try letter(.outcome(outcome), wording)
            #expect(letter.paragraphs[0].count > wording.news(rejected(.expired)).count / 2)
            #expect(!letter.text.contains("nil") && !letter.text.contains("Optional"))
        }
        #expect(try letter(.outcome(outcome)).subject == "Reserva 1043 a Cali: rechazada")
        guard reason == .invalidRequest else { return }
        #expect(try letter(.outcome(outcome)).text.contains("no son válidos: edad del pasajero."))
    }

    @Test("A welcome")
    func welcome() throws {
        let customer = CustomerRegistered(
            requestID: "request-1", bookingNumber: 1042, occurredAt: dawn, email: "a@b", passengerName: "Ana")
        #expect(try letter(.welcome(customer)).subject == "Le damos la bienvenida a Caramelo")
        #expect(try letter(.welcome(customer), English()).greeting == "Hello Ana,")
    }

    @Test("A name writes neither lines nor HTML")
    func names() throws {
        let name = "<script>\r\n\r\n\"Total\": $ 0 & 'x'</p>"
        let letter = try letter(.outcome(confirmed(name: name)))
        #expect(letter.text.contains("\nPasajero: <script> \"Total\": $ 0 & 'x'</p> (9 años)\n"))
        #expect(!letter.html.contains("<script>") && !letter.html.contains("'x'"))
        #expect(letter.html.contains("&lt;script&gt; &quot;Total&quot;: $ 0 &amp; &#39;x&#39;&lt;/p&gt;"))
        #expect(letter.html.contains("<html lang=\"es\">"))
    }

    @Test("Without a name")
    func nameless() throws {
        #expect(try letter(.outcome(confirmed(name: nil))).greeting == "Hola:")
        #expect(try letter(.outcome(confirmed(name: nil)), English()).greeting == "Hello,")
    }
}

@Suite("Amounts and times")
struct FormatTests {
    @Test(
        "Amounts",
        arguments: [
            (0, "$ 0", "COP 0"), (100, "$ 1", "COP 1"), (99_900, "$ 999", "COP 999"),
            (100_000, "$ 1.000", "COP 1,000"), (39_560_000, "$ 395.600", "COP 395,600"),
            (123_456_789_05, "$ 123.456.789,05", "COP 123,456,789.05"), (-50, "−$ 0,50", "−COP 0.50"),
        ])
    func amounts(_ minor: Int, _ spanish: String, _ english: String) {
        #expect(Spanish().amount(minor, "COP") == spanish)
        #expect(English().amount(minor, "COP") == english)
    }

    @Test("Another currency goes by its code")
    func currency() { #expect(Spanish().amount(150, "EUR") == "EUR 1,50") }

    @Test(
        "Hours and offsets",
        arguments: [
            (0, 5, -300, "12:05 a. m. (UTC−5)"), (11, 59, 0, "11:59 a. m. (UTC)"),
            (12, 0, 330, "12:00 p. m. (UTC+5:30)"),
            (23, 0, -210, "11:00 p. m. (UTC−3:30)"),
        ])
    func times(_ hour: Int, _ minute: Int, _ offset: Int, _ expected: String) {
        let time = LocalTime(year: 2026, month: 1, day: 2, hour: hour, minute: minute, offset: offset)
        #expect(Spanish().time(time) == "2 de enero de 2026, " + expected)
    }
}
