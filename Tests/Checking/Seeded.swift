import Foundation

/// Random numbers that a seed repeats (SplitMix64).
public struct Seeded: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// The numbers that follow from a seed.
    public init(_ seed: UInt64) { state = seed }

    /// The seed in `CARAMELO_TEST_SEED`, else a new one.
    public static var seed: UInt64 {
        ProcessInfo.processInfo.environment["CARAMELO_TEST_SEED"].flatMap { UInt64($0) } ?? .random(in: 0..<1_000_000)
    }

    /// The next number.
    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// A number of a range.
    public mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

    /// True so many times in a hundred.
    public mutating func happens(_ percent: Int) -> Bool { number(1...100) <= percent }

    /// One of several, or nil of none.
    public mutating func one<Element>(of elements: [Element]) -> Element? { elements.randomElement(using: &self) }
}
