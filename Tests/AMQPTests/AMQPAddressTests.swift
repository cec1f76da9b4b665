import AMQP
import Testing

@Suite("AMQP URLs")
struct AMQPAddressTests {
    @Test(
        "say where to connect",
        arguments: [
            ("amqp://h", "h", 5672, "guest", "/"), ("amqp://h/", "h", 5672, "guest", "/"),
            ("amqp://u:p@h:1/v", "h", 1, "u", "v"), ("amqps://h/%2F", "h", 5671, "guest", "/"),
            ("amqp://u:p%40ss@h/a%20b", "h", 5672, "u", "a b"), ("amqp://[::1]:7/x/y", "::1", 7, "guest", "x/y"),
        ])
    func good(url: String, host: String, port: Int, user: String, vhost: String) throws {
        let address = try AMQPAddress(url: url)
        #expect((address.host, address.port, address.user, address.vhost) == (host, port, user, vhost))
    }

    @Test("of a cluster are separated by commas")
    func cluster() throws {
        #expect(try AMQPAddress.list("amqp://a,amqp://b:2/v").map(\.host) == ["a", "b"])
    }

    @Test(
        "are refused without telling the password",
        arguments: [
            "", "h", "http://h", "amqp://", "amqp://u:secret@", "amqp://u:secret@h:0", "amqp://u:secret@h:x",
            "amqp://u:sec%zzret@h", "amqp://h/%ff", "amqp://a,", "amqp://h?heartbeat=1", "amqp://u:secret@[::1",
        ])
    func bad(url: String) {
        #expect { try AMQPAddress.list(url) } throws: { !"\($0)".contains("secret") && !"\($0)".isEmpty }
    }
}
