/// Why a run itself failed, which says nothing about the system.
public struct RunFailure: Error, CustomStringConvertible {
    /// For people, in one line.
    public let description: String

    /// - Parameter description: for people, in one line.
    public init(_ description: String) { self.description = description }
}
