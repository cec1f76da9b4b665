import CLibPQ

/// The server's answer to one statement.
///
/// @unchecked because a result does not change once libpq has handed it over, and may then be read from any thread.
@safe final class PostgresResult: @unchecked Sendable {
    private let result: OpaquePointer
    /// The names of the columns, once for all rows.
    let columns: [String]
    let rowCount: Int

    /// Owns `result` from now on.
    init(_ result: OpaquePointer) {
        unsafe self.result = result
        rowCount = unsafe Int(PQntuples(result))
        columns = unsafe (0..<PQnfields(result)).map { column in
            unsafe PQfname(result, column).map { unsafe String(cString: $0) } ?? ""
        }
    }

    deinit { unsafe PQclear(result) }

    /// What kind of answer it is.
    var status: ExecStatusType { unsafe PQresultStatus(result) }

    /// The number that the command's tag ends with, 0 where it has none.
    var affected: Int { unsafe Int(String(cString: PQcmdTuples(result))) ?? 0 }

    /// The command's tag, such as `COMMIT`.
    var command: String { unsafe String(cString: PQcmdStatus(result)) }

    /// The value at an existing row and column.
    func text(row: Int, column: Int) -> String? {
        let (row, column) = (Int32(row), Int32(column))
        guard unsafe PQgetisnull(result, row, column) == 0 else { return nil }
        return unsafe PQgetvalue(result, row, column).map { unsafe String(cString: $0) }
    }

    /// What the server refused the statement with, `nil` where it did not.
    var error: PostgresError? {
        switch status {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: return nil
        case PGRES_FATAL_ERROR: break
        default: return PostgresError(.unexpectedResult, "a statement that is not for this interface, such as COPY")
        }
        let message = field(caramelo_pq_message)
        // Without a SQLSTATE it is libpq that speaks, not the server.
        guard let state = field(caramelo_pq_sqlstate) else {
            let text = unsafe String(cString: PQresultErrorMessage(result))
            return PostgresError(.connectionLost, message ?? firstLine(text))
        }
        // Nobody but our own statement_timeout cancels statements.
        let isTimeout = state == "57014"
        return PostgresError(isTimeout ? .timedOut : .server(sqlState: state), message ?? "no message")
    }

    private func field(_ code: Int32) -> String? {
        unsafe PQresultErrorField(result, code).map { unsafe String(cString: $0) }
    }
}

/// libpq's messages go over several lines, the first says what happened.
func firstLine(_ text: String) -> String {
    text.split(separator: "\n").first.map(String.init) ?? "no message"
}
