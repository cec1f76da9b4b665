/// The constants of the wire contract that belong to no single message.
public enum Contract {
    /// The largest body a message may have, in bytes (64 KiB; contract, "Broker").
    public static let maximumBodySize = 65_536

    /// The currency of every amount, ISO 4217. Amounts are in its minor unit: 100 is one peso.
    public static let currency = "COP"

    /// The amounts a command may set, in minor units: enough for any fare, and a price is far from overflow.
    public static let amounts = 0...1_000_000_000_000_000
}
