import CRabbitMQ

extension String {
    /// The text of bytes that belong to librabbitmq; what is not UTF-8 is repaired.
    @unsafe init(_ bytes: amqp_bytes_t) {
        self = unsafe String(
            decoding: UnsafeRawBufferPointer(start: bytes.bytes, count: bytes.len), as: UTF8.self)
    }
}

extension Array where Element == UInt8 {
    /// A copy of bytes that belong to librabbitmq.
    @unsafe init(_ bytes: amqp_bytes_t) {
        self = unsafe Array(UnsafeRawBufferPointer(start: bytes.bytes, count: bytes.len))
    }
}

extension AMQPValue {
    /// A copy of a value that belongs to librabbitmq.
    @unsafe init(_ field: amqp_field_value_t) {
        let value = unsafe field.value
        switch Int32(unsafe field.kind) {
        case Int32(AMQP_FIELD_KIND_BOOLEAN.rawValue): self = unsafe .bool(value.boolean != 0)
        case Int32(AMQP_FIELD_KIND_I8.rawValue): self = unsafe .int(Int64(value.i8))
        case Int32(AMQP_FIELD_KIND_U8.rawValue): self = unsafe .int(Int64(value.u8))
        case Int32(AMQP_FIELD_KIND_I16.rawValue): self = unsafe .int(Int64(value.i16))
        case Int32(AMQP_FIELD_KIND_U16.rawValue): self = unsafe .int(Int64(value.u16))
        case Int32(AMQP_FIELD_KIND_I32.rawValue): self = unsafe .int(Int64(value.i32))
        case Int32(AMQP_FIELD_KIND_U32.rawValue): self = unsafe .int(Int64(value.u32))
        case Int32(AMQP_FIELD_KIND_I64.rawValue): self = unsafe .int(value.i64)
        case Int32(AMQP_FIELD_KIND_U64.rawValue): self = unsafe .int(Int64(clamping: value.u64))
        case Int32(AMQP_FIELD_KIND_F32.rawValue): self = unsafe .double(Double(value.f32))
        case Int32(AMQP_FIELD_KIND_F64.rawValue): self = unsafe .double(value.f64)
        case Int32(AMQP_FIELD_KIND_UTF8.rawValue): self = unsafe .text(String(value.bytes))
        case Int32(AMQP_FIELD_KIND_BYTES.rawValue): self = unsafe .bytes(Array(value.bytes))
        case Int32(AMQP_FIELD_KIND_TIMESTAMP.rawValue): self = unsafe .timestamp(value.u64)
        case Int32(AMQP_FIELD_KIND_TABLE.rawValue): self = unsafe .table(AMQPTable(value.table))
        case Int32(AMQP_FIELD_KIND_DECIMAL.rawValue):
            self = unsafe .decimal(scale: value.decimal.decimals, value: value.decimal.value)
        case Int32(AMQP_FIELD_KIND_ARRAY.rawValue):
            let entries = unsafe UnsafeBufferPointer(start: value.array.entries, count: Int(value.array.num_entries))
            self = .array(unsafe entries.map { unsafe AMQPValue($0) })
        default: self = .void
        }
    }
}

extension AMQPTable {
    /// A copy of a table that belongs to librabbitmq.
    @unsafe init(_ table: amqp_table_t) {
        self.init(minimumCapacity: Int(unsafe table.num_entries))
        for index in 0..<Int(unsafe table.num_entries) {
            let entry = unsafe table.entries[index]
            unsafe self[String(entry.key)] = unsafe AMQPValue(entry.value)
        }
    }
}

/// Texts that most messages of a connection have in common, so that they need not be copied for each.
struct FamiliarTexts {
    /// The latest text in one place.
    struct Latest {
        private var latest = ""

        @unsafe mutating func text(_ bytes: amqp_bytes_t) -> String {
            let bytes = unsafe UnsafeRawBufferPointer(start: bytes.bytes, count: bytes.len)
            if unsafe !latest.utf8.elementsEqual(bytes) { latest = unsafe String(decoding: bytes, as: UTF8.self) }
            return latest
        }
    }
    var exchange = Latest()
    var routingKey = Latest()
    var contentType = Latest()
    var type = Latest()
    var appID = Latest()
}

extension AMQPMessage {
    /// The properties of a message that is about to arrive.
    @unsafe init(_ properties: amqp_basic_properties_t, bodySize: Int, _ familiar: inout FamiliarTexts) {
        self.init()
        body.reserveCapacity(bodySize)
        let flags = unsafe properties._flags
        func has(_ flag: Int32) -> Bool { flags & amqp_flags_t(flag) != 0 }
        func text(_ flag: Int32, _ bytes: amqp_bytes_t) -> String? { has(flag) ? unsafe String(bytes) : nil }
        contentType =
            has(AMQP_BASIC_CONTENT_TYPE_FLAG) ? unsafe familiar.contentType.text(properties.content_type) : nil
        contentEncoding = unsafe text(AMQP_BASIC_CONTENT_ENCODING_FLAG, properties.content_encoding)
        correlationID = unsafe text(AMQP_BASIC_CORRELATION_ID_FLAG, properties.correlation_id)
        replyTo = unsafe text(AMQP_BASIC_REPLY_TO_FLAG, properties.reply_to)
        messageID = unsafe text(AMQP_BASIC_MESSAGE_ID_FLAG, properties.message_id)
        type = has(AMQP_BASIC_TYPE_FLAG) ? unsafe familiar.type.text(properties.type) : nil
        appID = has(AMQP_BASIC_APP_ID_FLAG) ? unsafe familiar.appID.text(properties.app_id) : nil
        expiration = unsafe text(AMQP_BASIC_EXPIRATION_FLAG, properties.expiration)
        userID = unsafe text(AMQP_BASIC_USER_ID_FLAG, properties.user_id)
        isPersistent = unsafe has(AMQP_BASIC_DELIVERY_MODE_FLAG) && properties.delivery_mode == 2
        if has(AMQP_BASIC_PRIORITY_FLAG) { priority = unsafe properties.priority }
        if has(AMQP_BASIC_TIMESTAMP_FLAG) { timestamp = unsafe properties.timestamp }
        if has(AMQP_BASIC_HEADERS_FLAG) { headers = unsafe AMQPTable(properties.headers) }
    }
}

/// Lends C copies of Swift values, which live until the next `recycle()`.
@safe struct Arena: ~Copyable {
    private var pool = unsafe amqp_pool_t()

    init() { unsafe init_amqp_pool(&pool, 4096) }
    deinit {
        var pool = unsafe self.pool
        unsafe empty_amqp_pool(&pool)
    }

    mutating func recycle() { unsafe recycle_amqp_pool(&pool) }

    @unsafe mutating func bytes(_ text: String) -> amqp_bytes_t {
        var text = text
        return text.withUTF8 { unsafe copy(UnsafeRawBufferPointer($0)) }
    }

    @unsafe mutating func bytes(_ bytes: [UInt8]) -> amqp_bytes_t {
        unsafe bytes.withUnsafeBytes { unsafe copy($0) }
    }

    private mutating func copy(_ source: UnsafeRawBufferPointer) -> amqp_bytes_t {
        guard let start = source.baseAddress, unsafe !source.isEmpty,
            let room = unsafe amqp_pool_alloc(&pool, source.count)
        else { return unsafe amqp_empty_bytes }
        unsafe room.copyMemory(from: start, byteCount: source.count)
        return unsafe amqp_bytes_t(len: source.count, bytes: room)
    }

    @unsafe mutating func table(_ table: AMQPTable) -> amqp_table_t {
        guard !table.isEmpty,
            let room = unsafe amqp_pool_alloc(&pool, table.count * MemoryLayout<amqp_table_entry_t>.stride)
        else { return unsafe amqp_empty_table }
        let entries = unsafe room.bindMemory(to: amqp_table_entry_t.self, capacity: table.count)
        for (index, (key, value)) in table.enumerated() {
            unsafe entries[index] = unsafe amqp_table_entry_t(key: bytes(key), value: field(value))
        }
        return unsafe amqp_table_t(num_entries: Int32(table.count), entries: entries)
    }

    private mutating func field(_ value: AMQPValue) -> amqp_field_value_t {
        var field = unsafe amqp_field_value_t()
        func kind(_ kind: amqp_field_value_kind_t) { unsafe field.kind = UInt8(kind.rawValue) }
        switch value {
        case .bool(let value):
            kind(AMQP_FIELD_KIND_BOOLEAN)
            unsafe field.value.boolean = value ? 1 : 0
        case .int(let value):
            kind(AMQP_FIELD_KIND_I64)
            unsafe field.value.i64 = value
        case .double(let value):
            kind(AMQP_FIELD_KIND_F64)
            unsafe field.value.f64 = value
        case .text(let text):
            kind(AMQP_FIELD_KIND_UTF8)
            unsafe field.value.bytes = unsafe bytes(text)
        case .bytes(let value):
            kind(AMQP_FIELD_KIND_BYTES)
            unsafe field.value.bytes = unsafe bytes(value)
        case .timestamp(let seconds):
            kind(AMQP_FIELD_KIND_TIMESTAMP)
            unsafe field.value.u64 = seconds
        case .decimal(let scale, let value):
            kind(AMQP_FIELD_KIND_DECIMAL)
            unsafe field.value.decimal = amqp_decimal_t(decimals: scale, value: value)
        case .table(let value):
            kind(AMQP_FIELD_KIND_TABLE)
            unsafe field.value.table = unsafe table(value)
        case .array(let values):
            kind(AMQP_FIELD_KIND_ARRAY)
            unsafe field.value.array = array(values)
        case .void:
            kind(AMQP_FIELD_KIND_VOID)
        }
        return unsafe field
    }

    private mutating func array(_ values: [AMQPValue]) -> amqp_array_t {
        let size = unsafe max(values.count, 1) * MemoryLayout<amqp_field_value_t>.stride
        guard let room = unsafe amqp_pool_alloc(&pool, size) else { return unsafe amqp_empty_array }
        let entries = unsafe room.bindMemory(to: amqp_field_value_t.self, capacity: max(values.count, 1))
        for (index, value) in values.enumerated() { unsafe entries[index] = field(value) }
        return unsafe amqp_array_t(num_entries: Int32(values.count), entries: entries)
    }

    /// The properties as librabbitmq takes them; the lengths of AMQP's short strings (255 bytes) are the caller's care.
    @unsafe mutating func properties(_ message: AMQPMessage, _ appID: String?) -> amqp_basic_properties_t {
        var properties = unsafe amqp_basic_properties_t()
        var flags = AMQP_BASIC_DELIVERY_MODE_FLAG
        unsafe properties.delivery_mode = message.isPersistent ? 2 : 1
        // Not by key path: that would cost more than all the rest.
        func set(_ text: String?, _ flag: Int32, _ field: inout amqp_bytes_t) {
            guard let text else { return }
            flags |= flag
            unsafe field = unsafe bytes(text)
        }
        unsafe set(message.contentType, AMQP_BASIC_CONTENT_TYPE_FLAG, &properties.content_type)
        unsafe set(message.contentEncoding, AMQP_BASIC_CONTENT_ENCODING_FLAG, &properties.content_encoding)
        unsafe set(message.correlationID, AMQP_BASIC_CORRELATION_ID_FLAG, &properties.correlation_id)
        unsafe set(message.replyTo, AMQP_BASIC_REPLY_TO_FLAG, &properties.reply_to)
        unsafe set(message.messageID, AMQP_BASIC_MESSAGE_ID_FLAG, &properties.message_id)
        unsafe set(message.type, AMQP_BASIC_TYPE_FLAG, &properties.type)
        unsafe set(message.appID ?? appID, AMQP_BASIC_APP_ID_FLAG, &properties.app_id)
        if let priority = message.priority {
            flags |= AMQP_BASIC_PRIORITY_FLAG
            unsafe properties.priority = priority
        }
        if let timestamp = message.timestamp {
            flags |= AMQP_BASIC_TIMESTAMP_FLAG
            unsafe properties.timestamp = timestamp
        }
        if !message.headers.isEmpty {
            flags |= AMQP_BASIC_HEADERS_FLAG
            unsafe properties.headers = unsafe table(message.headers)
        }
        unsafe properties._flags = amqp_flags_t(flags)
        return unsafe properties
    }
}
