import ServerURL
import Testing

@testable import Redis

@Suite("Addresses")
struct AddressTests {
    @Test(
        "Right ones",
        arguments: [
            ("redis://localhost", "localhost:6379/0", nil, nil),
            ("redis://127.0.0.1:6380/", "127.0.0.1:6380/0", nil, nil),
            ("redis://redis:6379/15", "redis:6379/15", nil, nil),
            ("redis://:secret@db", "db:6379/0", nil, "secret"),
            ("redis://user:p%40ss%2F%3A%25@db:1/2", "db:1/2", "user", "p@ss/:%"),
            ("redis://us%20er:a:b@c@db", "db:6379/0", "us er", "a:b@c"),
            ("redis://:contrase%C3%B1a@db", "db:6379/0", nil, "contraseña"),
            ("redis://[::1]", "::1:6379/0", nil, nil),
            ("redis://:x@[fe80::1]:7000/1", "fe80::1:7000/1", nil, "x"),
        ] as [(String, String, String?, String?)])
    func right(_ url: String, _ text: String, _ user: String?, _ password: String?) throws {
        let address = try RedisAddress(url: url)
        #expect(address.description == text)
        #expect(address.user == user)
        #expect(address.password == password)
    }

    @Test(
        "Wrong ones, without the password in the text",
        arguments: [
            ("", "it must begin with redis://"),
            ("localhost:6379", "it must begin with redis://"),
            ("redis+unix:///run/redis", "it must begin with redis://"),
            ("rediss://:hidden@db", "rediss:// is not possible"),
            ("redis://", "the host is missing"),
            ("redis:///1", "the host is missing"),
            ("redis://:hidden@:6379", "the host is missing"),
            ("redis://:hidden@db:0", "the port must be"),
            ("redis://:hidden@db:65536", "the port must be"),
            ("redis://:hidden@db:+1", "the port must be"),
            ("redis://:hidden@db:", "the port must be"),
            ("redis://:hidden@::1", "the host is missing"),
            ("redis://:hidden@fe80::1", "the port must be"),
            ("redis://:hidden@db/x", "the database after the / must be"),
            ("redis://:hidden@db/-1", "the database after the / must be"),
            ("redis://:hidden@db/1/2", "the database after the / must be"),
            ("redis://:hidden@db?timeout=1", "there are no options"),
            ("redis://:hid/den@db", "a / in user or password is written as %2F"),
            ("redis://hidden@db", "before the @ there must be"),
            ("redis://user:@db", "before the @ there must be"),
            ("redis://:hid%zzen@db", "a % must be followed by"),
            ("redis://:hidden%4@db", "a % must be followed by"),
            ("redis://:hidden%00@db", "a % must be followed by"),
            ("redis://:hidden%ff@db", "percent-encoded characters must be UTF-8"),
            ("redis://:hidden@[::1", "the ] after the IPv6 address is missing"),
            ("redis://:hidden@[::1]6379", "after the IPv6 address"),
        ])
    func wrong(_ url: String, _ problem: String) {
        let error = #expect(throws: RedisAddress.Invalid.self) { try RedisAddress(url: url) }
        #expect(error?.description.hasPrefix(problem) == true)
        #expect(error?.description.contains("hid") == false)
    }
}
