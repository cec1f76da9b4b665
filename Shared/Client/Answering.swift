import Contract

extension BookingClient {
    /// Asks a query, or gives a command that is answered, and reads the answer; see ``ask(_:_:id:timeout:takes:)``.
    /// - Throws: as ``ask(_:_:id:timeout:takes:)``, and ``ClientError/unreadable(_:)``.
    public nonisolated func ask<Value: Decodable & Sendable>(
        _ routingKey: String, _ question: some Encodable, as type: Value.Type, id: String? = nil, timeout: Duration
    ) async throws(ClientError) -> Answer<Value> {
        let body = try await ask(routingKey, JSON.encode(question), id: id, timeout: timeout)
        do {
            return try JSON.decode(Answer<Value>.self, from: body)
        } catch {
            throw .unreadable("\(error)")
        }
    }
}
