import Testing

@testable import Terminal

@Suite struct FiguresTests {
    @Test(arguments: [
        (0, "$0.00"), (5, "$0.05"), (39_560_000, "$395,600.00"), (-3_200_050, "-$32,000.50"),
        (Int.max, "$92,233,720,368,547,758.07"), (Int.min, "-$92,233,720,368,547,758.08"),
    ])
    func amountsAreWrittenAsPeopleDo(hundredths: Int, text: String) {
        #expect(Figures.amount(hundredths) == text)
    }

    @Test(arguments: [
        ("395600", 39_560_000), ("$395,600.00", 39_560_000), ("0.5", 50), ("$ 1,000.05", 100_005), ("7.", 700),
    ])
    func amountsAreRead(text: String, hundredths: Int) {
        #expect(Figures.hundredths(text) == hundredths)
    }

    @Test(arguments: ["", ".", ".5", "-1", "1.234", "1.2.3", "abc", "$", "1e3", "٣", "99999999999999999999"])
    func whatIsNoAmountIsRefused(text: String) {
        #expect(Figures.hundredths(text) == nil)
    }

    @Test func barsAreAsLongAsTheirShare() {
        #expect(Figures.bar(0, of: 10, width: 10) == "")
        #expect(Figures.bar(10, of: 10, width: 10) == "██████████")
        #expect(Figures.bar(1, of: 1_000, width: 10) == "▏")
        #expect(Figures.bar(5, of: 0, width: 10) == "")
        #expect(Figures.bar(25, of: 100, width: 10) == "██▌")
    }
}

@Suite struct WidthTests {
    @Test(arguments: [
        ("San Andrés", 10), ("San Andre\u{301}s", 10), ("李小龍", 6), ("👨‍👩‍👧", 2), ("", 0), ("Łukasz Żak", 10),
    ])
    func charactersAreCountedAndNotBytes(text: String, columns: Int) {
        #expect(text.columns == columns)
        #expect(text.padded(to: 12).columns == 12)
    }

    @Test func longTextsAreCut() {
        #expect("Cartagena".cut(to: 9) == "Cartagena")
        #expect("Cartagena".cut(to: 5) == "Cart…")
        #expect("李小龍".cut(to: 5) == "李小…")
    }

    @Test func strangersMoveNoCursor() {
        #expect("a\u{1b}[31m\r\nb\u{202e}c\u{9b}d".printable == "a\u{fffd}[31m\u{fffd}\u{fffd}b\u{fffd}c\u{fffd}d")
        #expect("Niño 山田".printable == "Niño 山田")
    }
}
