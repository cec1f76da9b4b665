/// What is wrong with one field of a message, for the person who sent it.
public struct Problem: Codable, Sendable, Equatable {
    /// The field's name as it is on the wire, `passenger_age` for one.
    public let field: String
    /// What is wrong in plain English; it never repeats the value, which may be long or private.
    public let problem: String

    /// A problem of `field`.
    public init(field: String, problem: String) {
        self.field = field
        self.problem = problem
    }
}
