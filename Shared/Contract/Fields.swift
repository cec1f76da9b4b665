/// Reads the fields of one message and collects what is wrong with them, so that the sender learns it all at once.
struct Fields {
    /// The message.
    let object: JSON.Object
    /// What was wrong so far, in the order of reading.
    private(set) var problems: [Problem] = []

    init(_ object: JSON.Object) { self.object = object }

    /// A field that must be there; nil, and a problem, when it is missing, null or breaks the rule.
    mutating func required<Value>(_ field: String, _ rule: Rule<Value>) -> Value? {
        guard let value = object[field] else { return missing(field, "is missing") }
        return value.isNull ? missing(field, "must not be null") : checked(value, field, rule)
    }

    /// A field that may be absent, which null means too; nil then, and nil with a problem when it breaks the rule.
    mutating func optional<Value>(_ field: String, _ rule: Rule<Value>) -> Value? {
        guard let value = object[field], !value.isNull else { return nil }
        return checked(value, field, rule)
    }

    /// Whether a field may go into the outcome of an invalid request.
    func isValid(_ field: String) -> Bool { !problems.contains { $0.field == field } }

    /// Adds a problem that no rule for a single field finds.
    mutating func report(_ field: String, _ problem: String) {
        problems.append(Problem(field: field, problem: problem))
    }

    private mutating func missing<Value>(_ field: String, _ problem: String) -> Value? {
        report(field, problem)
        return nil
    }

    private mutating func checked<Value>(_ value: JSON.Value, _ field: String, _ rule: Rule<Value>) -> Value? {
        if let result = rule.read(value) { return result }
        report(field, "must be \(rule.expectation)")
        return nil
    }

    /// The id without which a request can't be answered for.
    func requestID() throws(Unreadable) -> String {
        let field = "request_id"
        guard let value = object[field] else { throw Unreadable(.noRequestID, "request_id is missing") }
        guard let requestID = Rules.requestID.read(value) else {
            throw Unreadable(.noRequestID, "\(field) must be \(Rules.requestID.expectation)")
        }
        return requestID
    }
}
