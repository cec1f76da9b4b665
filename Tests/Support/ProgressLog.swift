import Terminal

/// Lines that say how far a run is.
public struct ProgressLog: Sendable {
    private let start = ContinuousClock.now
    private let output: Output

    /// A log whose time begins now.
    public init(to output: Output = .standard) { self.output = output }

    /// Prints a line with the time since the start.
    public func line(_ text: String) {
        let seconds = Int((ContinuousClock.now - start) / .seconds(1))
        let clock = "[\(seconds / 60):\(seconds % 60 < 10 ? "0" : "")\(seconds % 60)]"
        output.line("\(output.styled(clock, .dim)) \(text)")
    }
}
