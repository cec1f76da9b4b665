import Postgres

/// What PostgreSQL knows of the tables, as far as statements can stumble over it.
struct Schema {
    struct Column {
        let table: String
        let type: String
        let isRequired: Bool
        let hasDefault: Bool
    }

    /// By `table.column`.
    private(set) var columns: [String: Column] = [:]
    /// Constraints, unique indexes and triggers, by table.
    private(set) var rules: [String: Set<String>] = [:]

    /// An empty one.
    init() {}

    /// The connection's present one.
    init(of database: PostgresConnection) async throws {
        let columns = try await database.query(
            """
            SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.atthasdef OR a.attidentity <> ''
            FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
            WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
            """)
        for row in columns {
            let table = try row.string(0)
            self.columns["\(table).\(try row.string(1))"] = Column(
                table: table, type: try row.string(2), isRequired: try row.bool(3), hasDefault: try row.bool(4))
        }
        let rules = try await database.query(
            """
            SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint
            WHERE connamespace = current_schema()::regnamespace AND contype <> 'n'
            UNION ALL SELECT indrelid::regclass::text, pg_get_indexdef(indexrelid)
            FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
            WHERE indisunique AND relnamespace = current_schema()::regnamespace
            UNION ALL SELECT tgrelid::regclass::text, pg_get_triggerdef(pg_trigger.oid)
            FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
            WHERE NOT tgisinternal AND relnamespace = current_schema()::regnamespace
            """)
        for row in rules { self.rules[try row.string(0), default: []].insert(try row.string(1)) }
    }

    /// What statements written for the schema before would stumble over.
    func problems(after before: Schema) -> [String] {
        var problems: [String] = []
        for (name, old) in before.columns {
            guard let new = columns[name] else {
                problems.append("\(name) is gone")
                continue
            }
            if new.type != old.type { problems.append("\(name) was \(old.type) and is \(new.type)") }
            if new.isRequired, !old.isRequired { problems.append("\(name) may not be null any more") }
            if old.hasDefault, !new.hasDefault { problems.append("\(name) has no default any more") }
        }
        let tables = Set(before.columns.values.map(\.table))
        for (name, new) in columns where tables.contains(new.table) && before.columns[name] == nil {
            if new.isRequired, !new.hasDefault { problems.append("\(name) is left out by older inserts") }
        }
        for table in tables {
            let changed = rules[table, default: []].symmetricDifference(before.rules[table, default: []])
            problems += changed.map { "\(table): \($0)" }
        }
        return problems.sorted()
    }
}
